"""The content of a server without ranges: read once, forward, and kept in a temporary file."""

from __future__ import annotations

import tempfile
from contextlib import suppress

from mlcc_core.helpers.disk import disk_error
from mlcc_core.helpers.http.connection import Answer
from mlcc_core.helpers.http.ranges import BLOCK, Ranges
from mlcc_core.helpers.http.target import Target


class Spool:
    """The beginning of a file, as far as it was read, in an unnamed temporary file.

    The connection stays open between reads. One that breaks is opened again, and the bytes that
    are here already are skipped.

    Args:
        target: the file.
        ranges: sends the requests; knows size and version.
    """

    def __init__(self, target: Target, ranges: Ranges) -> None:
        self._target = target
        self._ranges = ranges
        self._answer: Answer | None = None
        self._at = 0
        self._length = 0
        self._ended = False
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()

    def fetch(self, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` to ``end`` (exclusive).

        Raises:
            PlatformError: the file changed, arrives damaged, or cannot be read; the disk is full.
        """
        self._read_to(end)
        self._file.seek(start)
        return self._file.read(end - start)

    def size(self) -> int:
        """Return the size in bytes; read to the end where the server does not name it.

        Raises:
            PlatformError: as :meth:`fetch`.
        """
        if self._ranges.size is None:
            self._read_to(None)
            self._ranges.size = self._length
        return self._ranges.size

    def close(self) -> None:
        """Close the connection and delete the file."""
        self._hang_up()
        self._file.close()

    def _read_to(self, end: int | None) -> None:
        seen = self._length

        def progressed() -> bool:
            nonlocal seen
            before, seen = seen, self._length
            self._hang_up()
            return seen > before

        while not self._ended and (end is None or self._length < end):
            self._ranges.repeat(self._receive, progressed)
        if end is not None and self._length < end:
            raise self._target.damaged(f"nothing comes after byte {self._length}")

    def _receive(self) -> None:
        """Take one new block from the connection, opened first if there is none."""
        if self._answer is None:
            self._answer = self._opened()
            self._at = 0
        new = b""
        while not new:
            block = self._answer.read(BLOCK)
            if not block:
                self._hang_up()
                self._ended = True
                return
            new = block[max(0, self._length - self._at) :]
            self._at += len(block)
        try:
            self._file.seek(self._length)
            self._file.write(new)
        except OSError as error:
            raise disk_error(error) from None
        self._length += len(new)

    def _opened(self) -> Answer:
        answer = self._ranges.ask()
        if answer.status != 200:
            answer.close()
            raise self._target.damaged(f"asked for the whole, answered {answer.status}")
        answer.decoded = self._target.is_encoded(answer)
        return answer

    def _hang_up(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            with suppress(OSError):
                answer.close()
