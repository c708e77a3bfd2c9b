"""The bytes of a CSV or TSV file, taken as lines or many lines at once."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.read.json.lines import LONGEST, too_long


class Text:
    """A stream of bytes that is read ahead before it is taken.

    Where the stream breaks, all text before that can be taken before the error is raised.

    Attributes:
        number: lines taken so far.
        taken: bytes taken so far.
    """

    def __init__(self, source: Iterator[bytes], name: str) -> None:
        self._source = source
        self._name = name
        self._held = b""
        self._at = 0
        self._ended = False
        self._fault: FileError | None = None
        self.number = 0
        self.taken = 0

    def line(self) -> bytes:
        """Take one line with its end (only a newline ends a line); empty at the end of the file.

        Raises:
            FileError: the stream breaks before the line ends.
            MlccError: it is longer than ``LONGEST``.
        """
        end = self._held.find(b"\n", self._at) + 1
        if not end:
            self._hold_line()
            end = self._held.find(b"\n") + 1
            if not end and self._fault is not None:
                raise self._fault
            end = end or len(self._held)
        line = self._held[self._at : end]
        self.take(len(line), 1 if line else 0)
        return line

    def ahead(self, least: int, most: int) -> tuple[bytes, bool]:
        """Return the next bytes without taking them.

        Args:
            least: bytes to return, unless the stream ends before.
            most: bytes to return at most.

        Returns:
            The bytes, and whether they are the last.

        Raises:
            FileError: the stream breaks here.
        """
        if len(self._held) - self._at < least:
            self._hold(least)
        if self._fault is not None and self._at == len(self._held):
            self._fault.offset = self.taken
            raise self._fault
        text = self._held[self._at : self._at + most]
        return text, self._ended and self._at + len(text) == len(self._held)

    def take(self, size: int, lines: int) -> None:
        """Take ``size`` bytes, in which ``lines`` lines end."""
        self._at += size
        self.taken += size
        self.number += lines

    def size(self) -> int:
        """Return the bytes of the whole stream, read to its end."""
        held = len(self._held) - self._at
        return self.taken + held + sum(map(len, self._source))

    def _hold(self, size: int) -> None:
        pieces = [self._held[self._at :]]
        held = len(pieces[0])
        while held < size and (block := self._next()):
            pieces.append(block)
            held += len(block)
        self._held, self._at = b"".join(pieces), 0

    def _hold_line(self) -> None:
        pieces = [self._held[self._at :]]
        held = len(pieces[0])
        while held <= LONGEST and (block := self._next()):
            pieces.append(block)
            if b"\n" in block:
                break
            held += len(block)
        if held > LONGEST:
            raise too_long(self._name, self.number + 1)
        self._held, self._at = b"".join(pieces), 0

    def _next(self) -> bytes:
        try:
            block = next(filter(None, self._source), b"")
        except FileError as fault:
            self._fault = fault
            return b""
        self._ended = not block and self._fault is None
        return block
