"""Parts of Parquet files, copied to where no other program writes.

Polars maps the files that it scans into memory. When another program cuts a mapped file short, the
system ends the process that reads it (SIGBUS), which no handler turns into an error. So Polars is
given a file in memory instead, as long as the real one, with the footer and the wanted column
chunks at their places. The rest of it stays empty and takes no memory.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

FOOTER_END = 8
"""Bytes that follow the footer: its length in 4 bytes, and ``PAR1``."""


@dataclass(frozen=True, slots=True)
class FileParts:
    """Parts of an open file.

    Attributes:
        descriptor: of the file.
        size: of the whole file, in bytes.
        ranges: the bytes to copy, as offsets (``range(4, 900)``).
    """

    descriptor: int
    size: int
    ranges: tuple[range, ...]


@contextmanager
def copied(files: Sequence[FileParts]) -> Iterator[list[str]]:
    """Copy parts of files into memory; yield the paths of the copies, which end with the block.

    Raises:
        EOFError: a file is shorter than its parts say.
        OSError: a file cannot be read, or the system has no files in memory (any but Linux).
    """
    copies: list[int] = []
    try:
        for file in files:
            copies.append(copy := _new_file())
            os.ftruncate(copy, file.size)
            for part in file.ranges:
                _copy(file.descriptor, copy, part)
        yield [f"/dev/fd/{copy}" for copy in copies]
    finally:
        for copy in copies:
            os.close(copy)


def _new_file() -> int:
    if sys.platform == "linux":
        return os.memfd_create("parquet")
    raise OSError("files in memory are made on Linux alone")


def _copy(source: int, copy: int, part: range) -> None:
    os.lseek(copy, part.start, os.SEEK_SET)
    offset = part.start
    while offset < part.stop:
        sent = os.sendfile(copy, source, offset, part.stop - offset)
        if not sent:
            raise EOFError(f"the file ends before byte {part.stop:,}, at {offset:,}")
        offset += sent
