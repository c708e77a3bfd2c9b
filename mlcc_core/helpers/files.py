"""Files and folders that are there whole or not at all.

They are written under another name, a draft, and renamed. Killed processes leave drafts behind.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

DRAFT = re.compile(r"\..+\.(\d+)-[^.]*\.partial\Z")
"""The name of a draft; the process that writes it is part of it: ``.a.json.4711-x1y2.partial``."""

PERMISSIONS = 0o777


def new_draft(target: Path) -> Path:
    """Make an empty draft beside ``target``, for this process to write to and to rename.

    Raises:
        OSError: it cannot be made.
    """
    handle, name = tempfile.mkstemp(".partial", _prefix(target), target.parent)
    os.close(handle)
    return Path(name)


def remove_old_drafts(folder: Path, name: str = "*") -> None:
    """Delete the drafts, files and folders alike, of processes that have ended.

    Args:
        folder: on this machine alone: a process on another one counts as ended.
        name: a glob pattern for the names of targets; drafts of others stay.
    """
    for path in folder.glob(f".{name}.*.partial"):
        match = DRAFT.match(path.name)
        if match and not _lives(int(match[1])):
            _remove(path)


@contextmanager
def atomic_file(
    path: Path, *, mode: int | None = None, keep_empty: bool = True
) -> Iterator[BinaryIO]:
    """Write a file that replaces ``path`` when the block ends well: readers see it whole.

    Args:
        path: or a link to it; folders above it are made.
        mode: permission bits; by default those of the file that is replaced, else 0o644.
        keep_empty: a file without a byte in it appears, too.

    Raises:
        OSError: it cannot be written; the file is as it was.

    Example:
        ``with atomic_file(path) as file: file.write(b"{}")``
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    if mode is None:
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    draft = new_draft(target)
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if keep_empty or draft.stat().st_size:
            draft.chmod(mode)
            draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Fill a folder that appears at ``path`` when the block ends well.

    Args:
        path: must not exist, or be an empty folder; folders above it are made.

    Yields:
        The draft, an empty folder beside it.

    Raises:
        OSError: it cannot be written, or ``path`` exists; no draft is left.

    Example:
        ``with atomic_folder(path) as draft: (draft / "config.json").write_text("{}")``
    """
    with _draft_folder(path) as draft:
        yield draft
        _set_default_modes(draft)
        draft.replace(path)


@contextmanager
def atomic_files(first: Path) -> Iterator[Path]:
    """Fill a folder whose files appear beside each other when the block ends well: all, or none.

    Args:
        first: one of the files; the others go where it goes. None may exist; folders above them
            are made.

    Yields:
        The draft, an empty folder beside them.

    Raises:
        OSError: one cannot be written, or exists; no draft and no file is left.
    """
    with _draft_folder(first) as draft:
        yield draft
        _set_default_modes(draft)
        moved: list[Path] = []
        try:
            for file in sorted(draft.iterdir()):
                target = first.parent / file.name
                if target.exists():
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
                file.rename(target)
                moved.append(target)
        except BaseException:
            for target in moved:
                target.unlink()
            raise


@contextmanager
def _draft_folder(target: Path) -> Iterator[Path]:
    """Make a folder beside ``target`` that is gone after the block."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(".partial", _prefix(target), target.parent))
    try:
        yield draft
    finally:
        _remove(draft)


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Replace ``path`` by ``data`` in one go; see :func:`atomic_file`.

    Raises:
        OSError: it cannot be written; the file is as it was.
    """
    with atomic_file(path, mode=mode) as file:
        file.write(data)


def _set_default_modes(folder: Path) -> None:
    """Give a folder and all in it the modes that new files and folders have where it is.

    A temporary folder is closed to others, and safetensors closes the files that it writes; the
    user's umask (or the folder's own default) says what is meant.
    """
    probe = folder / ".probe"
    probe.mkdir()
    of_folders = probe.stat().st_mode & PERMISSIONS
    probe.rmdir()
    probe.touch()
    of_files = probe.stat().st_mode & PERMISSIONS
    probe.unlink()
    for path in (*folder.rglob("*"), folder):
        if not path.is_symlink():
            path.chmod(of_folders if path.is_dir() else of_files)


def _prefix(target: Path) -> str:
    return f".{target.name}.{os.getpid()}-"


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
