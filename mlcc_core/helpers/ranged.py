"""A seekable file over anything that can read a range of bytes, with bounded read-ahead."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

FIRST_AHEAD = 128 << 10
"""Bytes that are asked for after a seek: a Parquet footer of usual size fits."""

MOST_AHEAD = 8 << 20
"""Bytes that one request asks for at most; sequential reading gets there by doubling. It bounds
the memory of a reader, and what a lost connection costs."""


WHOLE = 1 << 20
"""Files of up to this many bytes come whole at the first read: one request, and verified."""


class Checksum:
    """The digest that the whole content must have, checked as soon as all of it has passed.

    Args:
        digest: a fresh ``hashlib`` object, seeded if the checksum needs it.
        expected: hexadecimal.
        failed: makes the error to raise when they differ.
    """

    def __init__(
        self, digest: hashlib._Hash, expected: str, failed: Callable[[], Exception]
    ) -> None:
        self._digest = digest
        self._expected = expected
        self._failed = failed
        self._passed = 0

    def update(self, start: int, block: bytes, size: int) -> None:
        """Take note of ``block`` at ``start`` of ``size``; blocks out of order do not count."""
        if start > self._passed or start + len(block) <= self._passed:
            return
        self._digest.update(memoryview(block)[self._passed - start :])
        self._passed = start + len(block)
        if self._passed == size and self._digest.hexdigest() != self._expected:
            raise self._failed()


class RangedReader(io.RawIOBase):
    """Reads ranges as they are needed; every read is full but for the end of the file.

    Args:
        size: of the whole file, in bytes.
        fetch: returns exactly the bytes from start to end (exclusive), or raises.
        checksum: checked when the file was read from its start to its end.
    """

    def __init__(
        self,
        size: int,
        fetch: Callable[[int, int], bytes],
        checksum: Checksum | None = None,
    ) -> None:
        super().__init__()
        self._size = size
        self._fetch = fetch
        self._checksum = checksum
        self._position = 0
        self._start = 0
        self._block = b""
        self._ahead = FIRST_AHEAD

    @property
    def verifies(self) -> bool:
        """Return whether reading it from start to end proves that it arrived as it is there."""
        return self._checksum is not None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        target = memoryview(buffer).cast("B")
        done = 0
        while done < len(target) and self._position < self._size:
            if not self._start <= self._position < self._start + len(self._block):
                self._load(len(target) - done)
            offset = self._position - self._start
            piece = self._block[offset : offset + len(target) - done]
            target[done : done + len(piece)] = piece
            done += len(piece)
            self._position += len(piece)
        return done

    def _load(self, wanted: int) -> None:
        """Replace the block by one with the position in it."""
        start, end = (0, self._size) if self._size <= WHOLE else self._next_range(wanted)
        block = self._fetch(start, end)
        if len(block) != end - start:
            raise EOFError(f"asked for {end - start} bytes, got {len(block)}")
        if self._checksum is not None:
            self._checksum.update(start, block, self._size)
        self._start, self._block = start, block

    def _next_range(self, wanted: int) -> tuple[int, int]:
        """From the position on, longer each time that the reading goes straight on."""
        goes_on = self._block and self._position == self._start + len(self._block)
        self._ahead = min(2 * self._ahead, MOST_AHEAD) if goes_on else FIRST_AHEAD
        length = min(max(wanted, self._ahead), MOST_AHEAD)
        return self._position, min(self._position + length, self._size)


def open_ranged(
    size: int, fetch: Callable[[int, int], bytes], checksum: Checksum | None = None
) -> io.BufferedReader:
    """Open a file over a function that fetches ranges of bytes; small reads are fast, too."""
    return io.BufferedReader(RangedReader(size, fetch, checksum), 64 << 10)


def verifies(file: BinaryIO) -> bool:
    """Return whether reading ``file`` from start to end would show that it arrived damaged."""
    inner = getattr(file, "raw", file)
    return isinstance(inner, RangedReader) and inner.verifies
