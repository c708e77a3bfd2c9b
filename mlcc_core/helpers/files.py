"""Files and folders that are written whole or not at all: under another name until they are whole.

Killed processes leave such drafts behind.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DRAFT = re.compile(r"\..+\.(\d+)-[^.]*\.partial\Z")
"""The process that writes a draft is part of its name."""

DRAFT_SUFFIX = ".partial"
PERMISSIONS = 0o777


def new_draft(target: Path) -> Path:
    """A new empty file beside ``target``, for this process to write to and to rename.

    Raises:
        OSError: it cannot be made.
    """
    handle, name = tempfile.mkstemp(
        dir=target.parent, prefix=_draft_prefix(target), suffix=DRAFT_SUFFIX
    )
    os.close(handle)
    return Path(name)


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """A new folder beside ``target`` that takes its name in one step when the block ends well.

    Of two processes that do this at once, one succeeds. An empty folder is replaced.

    Raises:
        OSError: ``target`` holds something, or the disk refuses; nothing is left behind.
    """
    draft = Path(
        tempfile.mkdtemp(dir=target.parent, prefix=_draft_prefix(target), suffix=DRAFT_SUFFIX)
    )
    try:
        yield draft
        _set_default_modes(draft)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _draft_prefix(target: Path) -> str:
    return f".{target.name}.{os.getpid()}-"


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


def remove_old_drafts(folder: Path, name: str = "*") -> None:
    """Delete the files and folders that killed processes left behind.

    Args:
        name: a pattern; drafts of other names stay.
    """
    for path in folder.glob(f".{name}.*.partial"):
        match = DRAFT.match(path.name)
        if not match or _lives(int(match[1])):
            continue
        if path.is_dir():
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


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Replace ``path`` (or what it links to) by ``data``: readers see the old or the new, whole.

    Args:
        mode: permission bits; by default those of the file that is replaced, else 0o644.
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    if mode is None:
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
