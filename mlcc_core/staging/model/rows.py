"""Rows between reading and converting: lines of text, record batches, the results of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcc_core.staging.model.row_issues import RowIssue

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Lines:
    """Consecutive rows of JSON text.

    Attributes:
        numbers: the line where each begins, from 1.
        texts: each row, perhaps with blanks around it.
    """

    numbers: Sequence[int]
    texts: list[bytes]


@dataclass(frozen=True, slots=True)
class TableBatch:
    """Consecutive rows of a columnar file.

    Attributes:
        numbers: of each row: its number from 1, or the line where it begins.
        rows: the values.
        invalid: rows of the same stretch that are none of this table's.
    """

    numbers: Sequence[int]
    rows: pa.RecordBatch
    invalid: Sequence[InvalidRow] = ()


Write = Callable[[bytes], None]
"""Takes converted JSON lines, in order, in pieces that each end a line."""


@dataclass(frozen=True, slots=True)
class InvalidRow:
    """A row that was not converted.

    Attributes:
        number: its line, or its row number in a columnar file.
        text: the row as JSON text, or the line as it was; empty where it has no text.
        issues: what is wrong, at least one.
    """

    number: int
    text: bytes
    issues: list[RowIssue]

    @property
    def lossy(self) -> bool:
        """Nothing but misfits: the row may be left out on request."""
        return all(issue.lossy for issue in self.issues)


@dataclass
class BatchResult:
    """A batch, converted.

    Attributes:
        read: rows in the batch.
        written: rows that were converted, and handed on if they are wanted.
        invalid: the others.
    """

    read: int
    written: int = 0
    invalid: list[InvalidRow] = field(default_factory=list)
