"""Rows between reading and converting: lines of text, record batches, the results of a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcc_core.staging.model.row_issues import DroppedRow, RowIssue

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Lines:
    """Consecutive rows of JSON text.

    Attributes:
        numbers: the line where each row begins, from 1.
        texts: each row, perhaps with blanks around it.
        rows_on_line: for each row, its number among those of its line, from 1; ``None`` for a row
            that has its line alone, and for a batch of such rows.
        of_array: they are the elements of an array, not lines.
    """

    numbers: Sequence[int]
    texts: list[bytes]
    rows_on_line: Sequence[int | None] | None = None
    of_array: bool = False

    def part(self, at: slice) -> Lines:
        """Return some of the rows."""
        within = None if self.rows_on_line is None else self.rows_on_line[at]
        return Lines(self.numbers[at], self.texts[at], within, self.of_array)

    def placed(self) -> Iterator[tuple[int, int | None, bytes]]:
        """Yield each row: its line, its number on the line, and its text."""
        within = self.rows_on_line
        if within is None:
            within = [None] * len(self.texts)
        return zip(self.numbers, within, self.texts, strict=True)


@dataclass(frozen=True, slots=True)
class TableBatch:
    """Consecutive rows of a columnar file.

    Attributes:
        numbers: of each row: its number from 1, or the line where it begins.
        rows: the values.
        invalid: rows between these that are not in the table.
    """

    numbers: Sequence[int]
    rows: pa.RecordBatch
    invalid: Sequence[InvalidRow] = ()


Write = Callable[[bytes], None]
"""Takes converted JSON lines, in order, in pieces that each end with a newline."""


@dataclass(frozen=True, slots=True)
class InvalidRow:
    """A row that was not converted.

    Attributes:
        number: its line, or its row number in a columnar file.
        text: the row as JSON text, or the line as it was; empty where it has no text.
        issues: at least one.
        row_on_line: its number among the rows of its line, from 1; ``None`` where it is alone.
    """

    number: int
    text: bytes
    issues: list[RowIssue]
    row_on_line: int | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Its place in the file, which no other row has; rows are sorted by it."""
        return self.number, self.row_on_line or 0

    @property
    def lossy(self) -> bool:
        """The row would only lose a part by conversion; it may be left out on request."""
        return all(issue.lossy for issue in self.issues)

    def left_out(self, on_misfit: str) -> bool:
        """Return whether the row is left out, and no error.

        Args:
            on_misfit: ``skip`` or ``fail``, as the conversion has it.
        """
        dropped = isinstance(self.issues[0], DroppedRow)
        return dropped or (self.lossy and on_misfit == "skip")

    @property
    def reason(self) -> str:
        """The reason why it is left out, for the ledger: ``completion: several messages``."""
        first = self.issues[0]
        return first.reason if first.column is None else f"{first.column}: {first.reason}"


@dataclass(frozen=True, slots=True)
class Stop:
    """The place after which a file could not be read as rows.

    Attributes:
        line: where the text begins that was not read.
        unread: bytes of it; ``None`` where they are not known.
        size: bytes of the file's text.
    """

    line: int
    unread: int | None = None
    size: int | None = None

    def __str__(self) -> str:
        if self.unread is None or self.size is None:
            return f"not read from line {self.line:,} on"
        return f"not read from line {self.line:,} on: {self.unread:,} of {self.size:,} bytes"


@dataclass
class BatchResult:
    """Counts of a converted batch.

    Attributes:
        read: rows in the batch.
        written: rows that were converted, and written if they are wanted.
        invalid: the other rows.
        split: lines that held several objects or arrays of them.
        stopped: where the file stops being rows.
    """

    read: int
    written: int = 0
    invalid: list[InvalidRow] = field(default_factory=list)
    split: int = 0
    stopped: Stop | None = None
