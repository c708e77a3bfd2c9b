"""Text in other encodings as UTF-8, where the bytes themselves prove the encoding.

A byte order mark proves UTF-16 and UTF-32. Windows-1252 has no mark. A file is that if

- all text before the first line that is not ASCII is the same in both encodings, and that line is
  not UTF-8;
- no line after it is UTF-8, unless it is ASCII;
- every byte means a character, and no word is made of accented letters alone, as words of other
  alphabets are.

Where a later line breaks this, the file is of several encodings, and reading stops there.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from mlcc_core.errors import MlccError
from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.read.json.lines import LONGEST

MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""Byte order marks, and the encoding of what follows; the longest come first."""

WINDOWS = "Windows-1252"

_HIGH_LINE = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")
_FOREIGN = re.compile(rb"[\xc0-\xd6\xd8-\xf6\xf8-\xff]{4}")
"""Four accented letters in a row: no word of the languages of Windows-1252 has them."""

_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


def marked_encoding(head: bytes) -> str | None:
    """Return the encoding that the first bytes of a file prove, if it is not UTF-8."""
    return next((name for mark, name in MARKS.items() if head.startswith(mark)), None)


def as_utf8(source: Iterator[bytes], encoding: str, name: str) -> Iterator[bytes]:
    """Yield marked text as UTF-8, without its mark.

    Args:
        source: blocks of the file from its start.
        encoding: as :func:`marked_encoding` returns it.
        name: of the file, for messages.

    Raises:
        MlccError: bytes that are not of this encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    read = 0
    try:
        for block in source:
            yield decoder.decode(block).encode()
            read += len(block)
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError as error:
        raise MlccError(
            f"{name} begins as {encoding} text, but is damaged after byte {read:,} "
            f"({getattr(error, 'reason', error)}).",
            hint="make or fetch the file again",
        ) from None


class WesternText:
    """Blocks of text as UTF-8, also where they prove to be Windows-1252.

    Args:
        source: blocks of the file from its start.

    Attributes:
        windows: the file is Windows-1252, as far as it was read.
    """

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._held: list[bytes] = []
        self._lines = 0
        self._column = 0
        self.windows = False

    def blocks(self) -> Iterator[bytes]:
        """Yield the text.

        Raises:
            FileError: a line that contradicts those before it.
        """
        for text in self._pieces():
            if text.isascii():
                self._pass(text)
                yield text
            elif self.windows or self._proves_windows(text):
                self.windows = True
                yield from self._decoded(text)
            else:
                yield text
                yield b"".join(self._held)
                yield from self._source
                return

    def _pieces(self) -> Iterator[bytes]:
        """Yield the blocks; those that are not ASCII are cut after whole lines."""
        held, size = self._held, 0
        for block in self._source:
            if not held and block.isascii():
                yield block
                continue
            end = block.rfind(b"\n") + 1
            piece = b""
            if end or size > LONGEST:  # then the reader of lines refuses it
                piece = b"".join((*held, block[:end]))
                held.clear()
                size = 0
            if end < len(block):
                held.append(block[end:])
                size += len(block) - end
            if piece:
                yield piece
        last = b"".join(held)
        held.clear()
        if last:
            yield last

    def _pass(self, text: bytes) -> None:
        lines = text.count(b"\n")
        self._lines += lines
        self._column = len(text) - 1 - text.rfind(b"\n") if lines else self._column + len(text)

    def _proves_windows(self, text: bytes) -> bool:
        first = _HIGH_LINE.search(text)
        return first is not None and may_be_windows(first[0])

    def _decoded(self, text: bytes) -> Iterator[bytes]:
        """Yield the text as UTF-8, up to a line that breaks it."""
        for line in _HIGH_LINE.finditer(text):
            before = 0 if text.rfind(b"\n", 0, line.start()) >= 0 else self._column
            found = _fault(line[0], before)
            if found is not None:
                number = self._lines + 1 + text.count(b"\n", 0, line.start())
                yield text[: line.start()].decode("cp1252").encode()
                raise FileError(number, found, f"{WINDOWS} text, as before")
        self._pass(text)
        yield text.decode("cp1252").encode()


def may_be_windows(line: bytes) -> bool:
    """Return whether a line that is not ASCII can be Windows-1252, and is not UTF-8."""
    return _fault(line) is None


def _fault(line: bytes, before: int = 0) -> str | None:
    """Return why a line that is not ASCII cannot be Windows-1252; ``None`` if it can.

    Args:
        line: its end, from a byte that is not preceded by others than ASCII.
        before: bytes of the line that come before that.
    """
    if undefined := _UNDEFINED.search(line):
        return f"the byte 0x{undefined[0][0]:02x} at byte {before + undefined.start() + 1}"
    if foreign := _FOREIGN.search(line):
        return f"text of another alphabet at byte {before + foreign.start() + 1}"
    try:
        line.decode()
    except UnicodeDecodeError:
        return None
    return "UTF-8 text"
