"""The bytes of a file in blocks, decompressed; damage is an error, never a short dataset."""

from __future__ import annotations

import io
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import zstandard

from mlcc_core.errors import MlccError
from mlcc_core.helpers.formats import Format
from mlcc_core.helpers.memory import is_out_of_memory, out_of_memory
from mlcc_core.staging.model.hints import new_file, shell_path, written_to

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 256 << 10
"""Bytes that are read at once, and at most decompressed at once."""

ZSTD_BLOCK = 8 << 10
"""Compressed bytes given to zstd at once: it does not limit its output."""

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
"""Begins a frame without data (RFC 8878, 3.1.2): pzstd writes one before each frame."""

END_MARKER = b"\xff\xff\xff\xff\0\0\0\0"
_GZIP_WINDOW = 31


class CountingReader(io.RawIOBase):
    """A seekable reader that counts what is fetched through it.

    Attributes:
        count: bytes read so far.
    """

    def __init__(self, inner: BinaryIO) -> None:
        super().__init__()
        self._inner = inner
        self.count = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._inner.read(size)
        self.count += len(data)
        return data

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def fileno(self) -> int:
        return self._inner.fileno()

    def is_local(self) -> bool:
        """Return whether it is a plain file of this machine, read without a wrapper."""
        inner = self._inner
        return isinstance(inner.raw if isinstance(inner, io.BufferedReader) else inner, io.FileIO)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file of the dataset, opened and recognised: the input of a format's reader.

    Attributes:
        name: within the dataset, for messages.
        format: of the file.
        file: the bytes as they are stored, from any position.
        blocks: the content from its start, decompressed.
        untouched: nothing was decompressed, and the text has no BOM, no blank line and no carriage
            return, as far as it was read.
        small: only the first rows will be read.
        command: writes the content as UTF-8 text, in a shell in any folder, for hints.
        path: where the file lies on this machine, if it does.
    """

    name: str
    format: Format
    file: CountingReader
    blocks: Iterator[bytes]
    untouched: bool = False
    small: bool = False
    command: str = ""
    path: Path | None = None


def blocks(
    file: BinaryIO, name: str, block: int = BLOCK, path: Path | None = None
) -> tuple[Iterator[bytes], str]:
    """Read a file from its start, decompressing gzip and zstd, which are known by their magic.

    Args:
        file: to read.
        name: for messages; after a suffix of compression, other data is an error.
        block: bytes to read at once.
        path: where the file lies on this machine, if it does.

    Returns:
        The blocks, and their compression; empty if there is none.

    Raises:
        MlccError: compressed data that is damaged or truncated.
    """
    head = file.read(block)
    rest = iter(lambda: file.read(block), b"")
    if packing := packing_of(head):
        packed = chain([head], rest)
        return (
            _gunzip(packed, name) if packing == "gzip" else _unzstd(packed, name, path)
        ), packing
    if head and name.lower().endswith((".gz", ".zst")):
        packing = "gzip" if name.lower().endswith(".gz") else "zstd"
        raise _damaged(name, packing, f"it begins with {head[:4]!r}")
    return filter(None, chain([head], rest)), ""


def packing_of(head: bytes) -> str:
    """Return the compression that the first bytes of a file tell: ``gzip``, ``zstd`` or none."""
    if head.startswith(GZIP_MAGIC):
        return "gzip"
    return "zstd" if head.startswith(ZSTD_MAGIC) or _ZSTD_SKIPPABLE.match(head) else ""


def _gunzip(packed: Iterator[bytes], name: str) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    for data in packed:
        pending = data
        while pending:
            if unpacker.eof:
                pending = pending.lstrip(b"\0")  # padding after a member is allowed
                if pending and not GZIP_MAGIC.startswith(pending[:2]):
                    raise _damaged(name, "gzip", "something else follows the compressed data")
                if not pending:
                    break
                unpacker = zlib.decompressobj(_GZIP_WINDOW)
            try:
                yield unpacker.decompress(pending, BLOCK)
            except zlib.error as error:
                if is_out_of_memory(error):
                    raise out_of_memory(error, f"Unpacking {name}") from None
                raise _damaged(name, "gzip", str(error)) from None
            pending = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    if not unpacker.eof:
        raise _damaged(name, "gzip", "it ends in the middle")


def _unzstd(packed: Iterator[bytes], name: str, path: Path | None) -> Iterator[bytes]:
    factory = zstandard.ZstdDecompressor()
    unpacker = factory.decompressobj()
    for data in packed:
        for start in range(0, len(data), ZSTD_BLOCK):
            pending = data[start : start + ZSTD_BLOCK]
            while pending:
                if unpacker.eof:
                    unpacker = factory.decompressobj()
                try:
                    yield unpacker.decompress(pending)
                except zstandard.ZstdError as error:
                    if "too much memory" in str(error):
                        raise _too_wide(name, path) from None
                    if is_out_of_memory(error):
                        raise out_of_memory(error, f"Unpacking {name}") from None
                    raise _damaged(name, "zstd", str(error)) from None
                pending = unpacker.unused_data if unpacker.eof else b""
    if not unpacker.eof:
        raise _damaged(name, "zstd", "it ends in the middle")


def _damaged(name: str, packing: str, reason: str) -> MlccError:
    check = "gzip -t" if packing == "gzip" else "zstd -t"
    return MlccError(
        f"{name} is damaged: expected whole {packing} data, but {reason}.",
        hint=f"fetch or make the file again; `{check}` says whether it is whole",
    )


def _too_wide(name: str, path: Path | None) -> MlccError:
    command = f"zstd -dc --long=31 {shell_path(name, path)}"
    return MlccError(
        f"{name} is packed with a zstd window of more than 128 MiB, which takes as much memory.",
        hint=written_to(command, new_file(name, "unpacked")),
    )


class SizedBlocks:
    """Blocks of bytes whose size is counted.

    Args:
        source: the blocks.
    """

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        for block in self._source:
            self._size += len(block)
            yield block

    def size(self) -> int:
        """Read the blocks that are left, and return the size of all."""
        self._size += sum(map(len, self._source))
        return self._size


class BlockReader(io.RawIOBase):
    """A forward-only binary file over blocks of bytes of any size; it ends with the last block.

    Args:
        source: the blocks, in order.
    """

    def __init__(self, source: Iterator[bytes]) -> None:
        super().__init__()
        self._source = source
        self._pending = memoryview(b"")
        self._last = b""

    def ended_with_marker(self) -> bool:
        """Return whether the blocks, all read, ended with the end marker of an Arrow stream."""
        for block in self._source:
            self._last = (self._last + block)[-len(END_MARKER) :]
        return self._last == END_MARKER

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Return ``size`` bytes, fewer only at the end: Arrow asks for a batch once.

        No memory is reserved in advance: a damaged file may ask for any size.
        """
        pieces: list[memoryview] = []
        left = size if size >= 0 else sys.maxsize
        while left and self._is_ready():
            pieces.append(self._take(left))
            left -= len(pieces[-1])
        return b"".join(pieces)

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        if not self._is_ready():
            return 0
        piece = self._take(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def _is_ready(self) -> bool:
        """Return whether there are bytes left, fetching the next block if necessary."""
        while not self._pending:
            block = next(self._source, None)
            if block is None:
                return False
            self._pending = memoryview(block)
            self._last = (self._last + block[-len(END_MARKER) :])[-len(END_MARKER) :]
        return True

    def _take(self, most: int) -> memoryview:
        piece, self._pending = self._pending[:most], self._pending[most:]
        return piece
