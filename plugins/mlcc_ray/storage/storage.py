"""The files of a storage, under paths such as ``jobs/NAME/request.json``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from mlcc_core import MlccError, PlatformError


class NotThere(PlatformError):
    """There is nothing under this path."""


class Writer(Protocol):
    """A file that is being written; it appears when it is finished, whole."""

    size: int

    def write(self, data: bytes, /) -> int:
        """Take bytes."""
        ...

    def finish(self) -> object:
        """Have the file appear."""
        ...

    def abort(self) -> None:
        """Leave nothing behind, unless it is finished; never raises."""
        ...


class Storage(ABC):
    """Files and folders that the cluster and the user's machine both reach.

    Paths are relative to the storage's root, with ``/`` between names. Every file and every folder
    is there whole or not at all. Each method raises ``PlatformError`` where the storage cannot be
    reached, read or written.

    Attributes:
        uri: of the root.
    """

    uri: str

    def address(self, path: str) -> str:
        """Return the URI of a path, for people."""
        return f"{self.uri}/{checked(path)}"

    def local(self, path: str) -> Path | None:
        """Return the path on this machine's disk; ``None`` where it is not on a disk."""
        return None

    @abstractmethod
    def check(self) -> None:
        """Look whether the storage is there and can be written.

        Raises:
            PlatformError: it is not, or cannot.
        """

    @abstractmethod
    def read(self, path: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            NotThere: there is none.
        """

    def read_or_none(self, path: str) -> bytes | None:
        """Return the bytes of a file, or ``None`` where there is none."""
        try:
            return self.read(path)
        except NotThere:
            return None

    @abstractmethod
    def open_read(self, path: str) -> BinaryIO:
        """Return a seekable reader of a large file.

        Raises:
            NotThere: there is none.
        """

    @abstractmethod
    def write(self, path: str, data: bytes) -> None:
        """Write a file in one step, in place of one that is there."""

    @abstractmethod
    def open_write(self, path: str) -> Writer:
        """Begin a large file."""

    @abstractmethod
    def names(self, prefix: str) -> Sequence[str]:
        """List the paths of all files below a folder, and in folders below it, sorted."""

    @abstractmethod
    def folders(self, prefix: str) -> Sequence[str]:
        """List the names of the folders in a folder, sorted."""

    @abstractmethod
    def size(self, path: str) -> int | None:
        """Return the bytes of a file; ``None`` where there is none."""

    @abstractmethod
    def is_whole(self, path: str) -> bool:
        """Return whether a folder that was uploaded is there, and whole."""

    @abstractmethod
    def upload(self, folder: Path, path: str) -> None:
        """Copy a folder of this machine, in place of one that is there.

        Args:
            folder: with files, and folders within it.
            path: of the copy.
        """

    @abstractmethod
    def download(self, path: str, folder: Path) -> None:
        """Copy an uploaded folder to this machine; it appears in one step.

        Args:
            path: of the folder.
            folder: must not exist, or be empty.

        Raises:
            NotThere: there is none, or it is not whole.
        """

    @abstractmethod
    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all in it; nothing happens where there is none."""


def checked(path: str) -> str:
    """Return a path if it stays within the storage.

    Raises:
        MlccError: it does not.
    """
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise MlccError(f"{path!r} is not a path within a storage, expected jobs/NAME/FILE.")
    return "/".join(parts)
