"""Archives of weights, unpacked so that nothing lands outside of their folder."""

from __future__ import annotations

import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from mlcc_core import MlccError
from mlcc_core.helpers import disk_errors

SUFFIXES = (".tar.gz", ".tgz", ".tar", ".zip")

MAX_MEMBERS = 10_000
MAX_RATIO = 20
MIN_BOUND = 2**30
"""An archive may hold 20 times its own size, and at least 1 GiB: weights hardly shrink."""

BLOCK = 1 << 20

DAMAGED = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive.

    Attributes:
        name: as the archive has it.
        content: its bytes.
    """

    name: str
    content: IO[bytes]


def is_archive(path: Path) -> bool:
    """Return whether the name says that ``path`` is an archive we unpack."""
    return path.name.lower().endswith(SUFFIXES)


def unpack(archive: Path, folder: Path) -> None:
    """Write the files of ``archive`` into ``folder``, which is new and empty.

    Raises:
        MlccError: it is damaged, too large, or holds a link, a device, or a path that leaves the
            folder; what has been written is for the caller to remove.
        PlatformError: the disk refuses.
    """
    bound = max(MIN_BOUND, MAX_RATIO * archive.stat().st_size)
    total = 0
    members = _zip_members if archive.name.lower().endswith(".zip") else _tar_members
    try:
        for count, member in enumerate(members(archive), start=1):
            if count > MAX_MEMBERS:
                raise MlccError(f"{archive} holds more than {MAX_MEMBERS} files.")
            target = folder / _inside(archive, member.name)
            total = _write(archive, member, target, total, bound)
    except (*DAMAGED, NotImplementedError, RuntimeError) as error:
        raise MlccError(f"{archive} is damaged or no archive: {error}.") from None


def _write(archive: Path, member: Member, target: Path, total: int, bound: int) -> int:
    """Write one file; the bytes written in all."""
    with disk_errors(doing="unpack the archive"):
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            raise MlccError(f"{archive} holds {member.name!r} twice.")
        sink = target.open("xb")
    with sink:
        while True:
            block = member.content.read(BLOCK)
            if not block:
                return total
            total += len(block)
            if total > bound:
                raise MlccError(
                    f"{archive} would unpack to more than {bound / 2**30:.1f} GiB, which "
                    "weights of its size never do."
                )
            with disk_errors(doing="unpack the archive"):
                sink.write(block)


def _inside(archive: Path, name: str) -> PurePosixPath:
    """``name`` as a path below the folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or not path.parts:
        raise MlccError(f"{archive} holds {name!r}, which would leave its folder; not unpacked.")
    return path


class _Gzip(gzip.GzipFile):
    """Is never read in one large piece: a header that claims gigabytes would fill the memory."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= BLOCK:
            raise tarfile.ReadError(f"a header of {size} bytes")
        return super().read(size)


def _tar_members(archive: Path) -> Iterator[Member]:
    with archive.open("rb") as raw:
        compressed = raw.read(2) == b"\x1f\x8b"
    opened = _Gzip(archive, "rb") if compressed else archive.open("rb")
    with opened as file, tarfile.open(fileobj=file, mode="r:") as tar:
        for info in tar:
            if info.isdir():
                continue
            content = tar.extractfile(info) if info.isreg() else None
            if content is None:
                raise _not_a_file(archive, info.name)
            yield Member(info.name, content)


def _zip_members(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as zipped:
        for info in zipped.infolist():
            if info.is_dir():
                continue
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                raise _not_a_file(archive, info.filename)
            with zipped.open(info) as content:
                yield Member(info.filename, content)


def _not_a_file(archive: Path, name: str) -> MlccError:
    return MlccError(
        f"{archive} holds {name!r}, a link or a device, expected plain files; not unpacked."
    )
