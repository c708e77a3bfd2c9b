"""JSON text as numbered rows: one object per line, or the elements of one array."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from operator import methodcaller

from mlcc_core.errors import MlccError
from mlcc_core.staging.model.read_note import ReadNote
from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.model.rows import Lines
from mlcc_core.staging.read.formats import BOM
from mlcc_core.staging.read.json.objects import JoinedLines
from mlcc_core.staging.read.json.places import Numbered, Placing
from mlcc_core.staging.read.streams import OpenFile, SizedBlocks

AT_ONCE = 128 << 10
"""Bytes of lines that are converted at once: few enough to stay in the processor's cache."""

LONGEST = 256 << 20
"""Bytes of one row at most: a row is held in memory, and a file without line ends is invalid."""

_CLOSING = "a closing ]"

SMALL = 32 << 10
"""Bytes of lines that are yielded at once when only the first rows are needed."""

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{},\n]', re.DOTALL)


class LineRows:
    """A file whose rows come as text, one JSON object each.

    Attributes:
        format: name of the file's format.
        unit: of row numbers.
        command: as in :class:`OpenFile`.
        file_notes: on the file before its rows: its encoding, for instance.
    """

    unit = "line"
    file_notes: Sequence[ReadNote] = ()

    def __init__(self, opened: OpenFile) -> None:
        self.format = opened.format.name
        self.command = opened.command
        self._untouched = opened.untouched
        source = SizedBlocks(opened.blocks)
        self._size = source.size
        lines = json_lines(iter(source), opened.name, SMALL if opened.small else AT_ONCE)
        self._joined = JoinedLines(lines, LONGEST)
        self._splitter = Splitter(opened.name)
        self._batches = (
            self._joined.batches()
            if self.format == "jsonl"
            else array_elements(iter(source), self._splitter)
        )

    @property
    def untouched(self) -> bool:
        """As in :class:`OpenFile`, and each object read so far stands on one line."""
        return self._untouched and not self._joined.count

    def batches(self) -> Iterator[Lines]:
        """Return the rows in blocks, in order; they can be read once."""
        return self._batches

    def size(self) -> int:
        """Return the bytes of the file's content, read to its end."""
        return self._size()

    def notes(self) -> Sequence[ReadNote]:
        """Return what was recognised in the file, as far as it was read."""
        found = list(self.file_notes)
        if self._joined.count:
            text = "objects that run over several lines are read as rows"
            found.append(ReadNote(text, self._joined.count))
        if self._splitter.arrays > 1:
            text = "arrays that follow one another are read as one"
            found.append(ReadNote(text, self._splitter.arrays, "array"))
        return found


def json_lines(source: Iterator[bytes], name: str, at_once: int = AT_ONCE) -> Iterator[Lines]:
    """Yield the lines that are not blank; a BOM, CRLF and a missing last newline are accepted.

    Args:
        source: blocks of text.
        name: of the file, for messages.
        at_once: bytes of lines to yield together, about.

    Raises:
        MlccError: a line is longer than ``LONGEST``.
    """
    for first, texts in _lines_of(_merged(_without_bom(source), at_once), name, at_once):
        numbers = range(first, first + len(texts))
        if any(map(bytes.isspace, texts)):
            pairs = [pair for pair in zip(numbers, texts, strict=True) if bare(pair[1])]
            yield Lines([number for number, _ in pairs], [text for _, text in pairs])
        else:
            yield Lines(numbers, texts)


def _lines_of(
    source: Iterator[bytes], name: str, at_once: int
) -> Iterator[tuple[int, list[bytes]]]:
    """Yield lists of whole lines, each with the number of its first."""
    number = 1
    begun: list[bytes] = []  # a line, as far as it was read
    for block in source:
        reader = io.BytesIO(block)
        while texts := reader.readlines(at_once):  # by far the fastest way to split lines
            begun.append(texts[0])
            ends = texts[0].endswith(b"\n")
            if sum(map(len, begun)) - ends > LONGEST:
                raise too_long(name, number)
            if not ends:
                continue
            texts[0] = b"".join(begun)
            begun = [] if texts[-1].endswith(b"\n") else [texts.pop()]
            yield number, texts
            number += len(texts)
    if begun:
        yield number, [b"".join(begun)]


def _merged(source: Iterator[bytes], least: int) -> Iterator[bytes]:
    """Yield the same text in blocks of at least that many bytes, but for the last."""
    held: list[bytes] = []
    for block in source:
        held.append(block)
        if sum(map(len, held)) >= least:
            yield b"".join(held)
            held.clear()
    yield b"".join(held)


bare: Callable[[bytes], bytes] = methodcaller("strip", b" \t\r\n")
"""Strips JSON's blanks around a row."""


def _without_bom(source: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for block in source:
        head += block
        if len(head) >= len(BOM):
            break
    yield head.removeprefix(BOM)
    yield from source


def array_elements(source: Iterator[bytes], splitter: Splitter) -> Iterator[Lines]:
    """Yield the elements of JSON arrays, each as one line, as soon as they are read.

    Only the outermost structure is checked here; the elements may be anything.

    Raises:
        FileError: an array does not end, or something else follows it.
        MlccError: an element is longer than ``LONGEST``.
    """
    yield from Placing().batches(_elements(source, splitter))


def _elements(source: Iterator[bytes], splitter: Splitter) -> Iterator[list[Numbered]]:
    for block in _without_bom(source):
        splitter.buffer += block
        # A long string is searched again only when the buffer has doubled.
        if splitter.stuck_at and len(splitter.buffer) < 2 * splitter.stuck_at:
            continue
        yield from _split(splitter)
    yield from _split(splitter)
    splitter.finish()


def _split(splitter: Splitter) -> Iterator[list[Numbered]]:
    """Yield the elements that are complete, also those before an error in the array."""
    rows: list[Numbered] = []
    try:
        splitter.split(rows)
    except FileError:
        yield rows
        raise
    yield rows


class Splitter:
    """Splits a growing buffer into the elements of its arrays.

    Attributes:
        arrays: begun so far.
        buffer: text that was read and not yet returned.
        stuck_at: bytes of the buffer when a string had no end in it, else 0.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.buffer = bytearray()
        self.stuck_at = 0
        self.arrays = 0
        self._taken = 0
        self._line = 1
        self._depth = 0
        self._position = 0
        self._start = 0
        self._start_line = 0
        self._count = 0
        self._done = False

    def split(self, rows: list[Numbered]) -> None:
        """Move the elements that end within the buffer to ``rows``."""
        self.stuck_at = 0
        buffer = bytes(self.buffer)
        for token in _TOKEN.finditer(buffer, self._position):
            text = token[0]
            if text == b'"':
                self.stuck_at = len(buffer)
                break
            if self._start_line == 0 and text != b"\n" and self._depth == 1:
                self._start_line = self._line
            self._take(text, token.start(), token.end(), buffer, rows)
            self._position = token.end()
        else:
            self._position = len(buffer)
        if self._done:
            self._expect_nothing(buffer[self._start :])
            self._start = self._position = len(buffer)
        del self.buffer[: self._start]
        self._taken += self._start
        self._position -= self._start
        self._start = 0
        if len(self.buffer) > LONGEST:
            raise too_long(self.name, self._start_line or self._line)

    def _take(self, text: bytes, start: int, end: int, buffer: bytes, rows: list[Numbered]) -> None:
        if text == b"\n":
            self._line += 1
            return
        if self._depth == 0:
            self._begin(text, buffer[self._start : start])
        if len(text) > 1:
            if b"\n" in text or b"\r" in text:
                raise self._fault("a line break within a string", "it written as \\n")
            return
        if text in b"[{":
            self._depth += 1
            self._start = end if self._depth == 1 else self._start
        elif text in b"]}":
            self._depth -= 1
            self._done = self._depth == 0
            if self._done and text != b"]":
                raise self._fault(f"{text.decode()!r} at the end of the array", _CLOSING)
        if self._done or (text == b"," and self._depth == 1):
            self._give(buffer[self._start : start], rows)
            self._start = end

    def _begin(self, text: bytes, before: bytes) -> None:
        """Begin an array, perhaps after others."""
        if self._done:
            self._expect_nothing(before)
        if text != b"[":
            raise self._stray(text)
        self.arrays += 1
        self._count = 0
        self._done = False

    def _give(self, element: bytes, rows: list[Numbered]) -> None:
        element = bare(element)
        if element or not self._done or self._count:
            clean = element.replace(b"\n", b" ").replace(b"\r", b" ")
            rows.append((self._start_line or self._line, clean))
        self._count += 1
        self._start_line = 0

    def _expect_nothing(self, rest: bytes) -> None:
        if rest.strip():
            raise self._stray(rest.strip())

    def _stray(self, text: bytes) -> FileError:
        shown = text[:20].decode(errors="replace")
        return self._fault(f"{shown!r} after the array", "one array of objects")

    def _fault(self, found: str, expected: str) -> FileError:
        return FileError(self._line, found, expected, self._taken + self._start)

    def finish(self) -> None:
        if not self._done:
            raise self._fault("the end of the file within the array", _CLOSING)


def too_long(name: str, number: int) -> MlccError:
    """Return the error for a line that is longer than ``LONGEST``."""
    return MlccError(
        f"{name}, line {number} is longer than {LONGEST >> 20} MiB.",
        hint="write one JSON object per line (jq -c . turns pretty-printed JSON into that)",
    )
