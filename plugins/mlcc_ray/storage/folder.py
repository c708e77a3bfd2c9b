"""A storage in a folder that all machines see under the same path."""

from __future__ import annotations

import errno
import io
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

from mlcc_core import PlatformError
from mlcc_core.helpers import atomic_folder, disk_errors, new_draft, write_atomically
from mlcc_core.helpers.hints import made_folder, path_word
from mlcc_ray.storage.storage import NotThere, Storage, Writer, checked

if TYPE_CHECKING:
    from typing_extensions import Buffer

WHERE = "RAY_STORAGE"
ANOTHER = f"export {WHERE}=file:///shared/mlcc   # a folder that you can write"

OF_ROOT = 0o2077
"""Parts of the root's mode that folders below it have as well: the group's, and others'."""

TAKEN, TRIES = (errno.ENOTEMPTY, errno.EEXIST), 10
"""Errors of a folder's place that another process took first, and how often it is tried."""

GONE = "-removed"
"""Ends the name of a folder that is on its way out."""


class FolderStorage(Storage):
    """A shared folder, often on a network file system.

    Its root must be there already: one that is not mounted would otherwise be made anew, empty.

    Args:
        root: absolute.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.uri = root.as_uri()

    def local(self, path: str) -> Path | None:
        return self.root / checked(path)

    def check(self) -> None:
        self._require_root()
        with self._errors("write to"):
            probe = new_draft(self.root / "check")
            probe.unlink()

    def read(self, path: str) -> bytes:
        with self._errors("read", path):
            return (self.root / checked(path)).read_bytes()

    def open_read(self, path: str) -> BinaryIO:
        with self._errors("read", path):
            return (self.root / checked(path)).open("rb")

    def write(self, path: str, data: bytes) -> None:
        self._require_root()
        with self._errors("write", path):
            write_atomically(self._place(path), data)

    def open_write(self, path: str) -> Writer:
        self._require_root()
        with self._errors("write", path):
            return FileWriter(self._place(path))

    def names(self, prefix: str) -> Sequence[str]:
        top = self.root / checked(prefix)
        with self._errors("list", prefix):
            found = [path for path in top.rglob("*") if path.is_file()]
        return sorted(
            path.relative_to(self.root).as_posix()
            for path in found
            if not any(is_draft(part) for part in path.relative_to(top).parts)
        )

    def folders(self, prefix: str) -> Sequence[str]:
        top = self.root / checked(prefix)
        with self._errors("list", prefix):
            if not top.is_dir():
                self._require_root()
                return []
            return sorted(
                path.name for path in top.iterdir() if path.is_dir() and not is_draft(path.name)
            )

    def size(self, path: str) -> int | None:
        target = self.root / checked(path)
        with self._errors("look at", path):
            return target.stat().st_size if target.is_file() else None

    def is_whole(self, path: str) -> bool:
        with self._errors("look at", path):
            return (self.root / checked(path)).is_dir()

    def upload(self, folder: Path, path: str) -> None:
        self._require_root()
        with self._errors("write", path):
            target = self._place(path)
        whole = _beside(target)
        with self._errors("write", path), atomic_folder(whole) as draft:
            shutil.copytree(folder, draft, dirs_exist_ok=True, copy_function=_copy_synced)
        with self._errors("write", path):
            _put(whole, target)

    def download(self, path: str, folder: Path) -> None:
        source = self.root / checked(path)
        if not self.is_whole(path):
            raise self._not_there(path)
        with disk_errors(folder, doing=f"copy {self.address(path)}"), atomic_folder(folder) as made:
            shutil.copytree(source, made, dirs_exist_ok=True, copy_function=shutil.copyfile)

    def remove(self, path: str) -> None:
        target = self.root / checked(path)
        with self._errors("remove", path):
            if target.is_dir():
                _set_aside(target)
            else:
                target.unlink(missing_ok=True)

    def _place(self, path: str) -> Path:
        """Return the path of what is about to be written; folders above it are made.

        The cluster's processes are often another user's. Everyone who may write to the root may
        write to them, too, whatever this user's umask is.

        Raises:
            OSError: they cannot be made.
        """
        target = self.root / checked(path)
        missing = [each for each in target.parents if not each.is_dir()]
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            with suppress(OSError):
                folder.chmod(self.root.stat().st_mode & OF_ROOT | folder.stat().st_mode & 0o7777)
        return target

    def _require_root(self) -> None:
        with self._errors("look at"):
            if self.root.is_dir():
                return
            taken = self.root.exists()
        if taken:
            raise PlatformError(f"{self.root} is not a folder.", where=WHERE, hint=ANOTHER)
        raise PlatformError(
            f"The folder {self.root} is not there.",
            where=WHERE,
            hint=f"{made_folder(self.root)}   # or mount it",
        )

    def _not_there(self, path: str) -> NotThere:
        return NotThere(f"There is nothing at {self.address(path)}.")

    @contextmanager
    def _errors(self, verb: str, path: str = "") -> Iterator[None]:
        place = self.root / path
        try:
            with disk_errors(place, doing=f"{verb} {place}"):
                yield
        except PlatformError as error:
            if isinstance(error.__cause__, (FileNotFoundError, NotADirectoryError)):
                self._require_root()
                if path:
                    raise self._not_there(path) from None
            if isinstance(error.__cause__, PermissionError):
                raise self._forbidden(error) from None
            raise

    def _forbidden(self, error: PlatformError) -> PlatformError:
        """Return the error for what this user may not do, with what lets it."""
        root = path_word(self.root)
        return PlatformError(
            f"{error.what.rstrip('.')}, to the user with the id {os.geteuid()}.",
            where=WHERE,
            hint=f"chgrp -R GROUP {root} && chmod -R g+rwXs {root}   # a group of all who use it",
        )


class FileWriter(io.RawIOBase):
    """A file that takes its name when it is finished.

    Args:
        target: its path; folders above it are made.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        self.size = 0
        self._target = target
        self._draft = new_draft(target)
        self._file = self._draft.open("wb")

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        with disk_errors(self._target, doing=f"write {self._target}"):
            written = self._file.write(data)
        self.size += written
        return written

    def finish(self) -> None:
        with disk_errors(self._target, doing=f"write {self._target}"):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._draft.chmod(0o644)
            self._draft.replace(self._target)

    def abort(self) -> None:
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._draft.unlink(missing_ok=True)

    def close(self) -> None:
        self.abort()
        super().close()


def is_draft(name: str) -> bool:
    """Return whether a name is that of something half-written, or on its way out."""
    return name.startswith(".") and name.endswith((".partial", GONE))


def _beside(target: Path) -> Path:
    """Return where a folder is whole before it takes the place of an older one.

    Containers on many machines have processes of one id: the name tells them apart.
    """
    return target.with_name(f".{target.name}.{uuid4().hex}-whole.partial")


def _put(whole: Path, target: Path) -> None:
    """Have a folder take a place, from others too that want it at the same time.

    Raises:
        OSError: it cannot; the folder is removed.
    """
    for left in reversed(range(TRIES)):
        _set_aside(target)
        try:
            whole.replace(target)
        except OSError as error:
            if left and error.errno in TAKEN:
                continue
            shutil.rmtree(whole, ignore_errors=True)
            raise
        return


def _set_aside(target: Path) -> None:
    """Remove a folder: from sight in one step, then from the disk."""
    gone = target.with_name(f".{target.name}.{uuid4().hex}{GONE}")
    with suppress(FileNotFoundError):
        target.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _copy_synced(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
