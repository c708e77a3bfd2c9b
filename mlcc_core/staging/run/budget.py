"""Reading that ends early: after a number of rows, or of bytes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast

from mlcc_core.errors import MlccError
from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.model.rows import Lines, TableBatch

if TYPE_CHECKING:
    from mlcc_core.staging.read.parquet.scan import Frame

B = TypeVar("B", bound="Lines | TableBatch | Frame")


@dataclass(frozen=True, slots=True)
class ReadLimit:
    """A limit after which the rest of a dataset is not read.

    Attributes:
        rows: read at most; ``None`` for no limit.
        bytes: fetched at most, about: the rows that came with the last of them are read.
    """

    rows: int | None = None
    bytes: int | None = None

    def at_most(self, rows: int | None) -> ReadLimit:
        """Return this limit, of no more than ``rows`` rows."""
        both = [count for count in (self.rows, rows) if count is not None]
        return replace(self, rows=min(both, default=None))


UNLIMITED = ReadLimit()


class Budget:
    """Keeps to a limit, over all files of a dataset.

    Args:
        limit: what may be read.
        fetched: returns the bytes that were fetched so far.
    """

    def __init__(self, limit: ReadLimit, fetched: Callable[[], int]) -> None:
        self.counts_rows = limit.rows is not None
        self._rows = limit.rows
        self._bytes = limit.bytes
        self._fetched = fetched

    @property
    def spent(self) -> bool:
        """Nothing more is to be read."""
        return self._rows == 0 or (self._bytes is not None and self._fetched() >= self._bytes)

    def portion(
        self, batches: Iterator[B], count: int | None, left: Callable[[int | None], None]
    ) -> Iterator[B]:
        """Yield the batches of a file, as far as the budget goes.

        Args:
            batches: of all rows.
            count: rows of the file, where a footer says so.
            left: called where rows are not reached, with their number if it is known.
        """
        read = 0
        for batch in batches:
            size = size_of(batch)
            taken = size if self._rows is None else min(size, self._rows)
            read += taken
            if self._rows is not None:
                self._rows -= taken
            yield batch if taken == size else first_rows(batch, taken)
            if self.spent:
                if count is not None:
                    if count > read:
                        left(count - read)
                elif taken < size or any_row(batches):
                    left(None)
                return


def size_of(batch: Lines | TableBatch | Frame) -> int:
    """Return the number of rows of a batch, those among them that are not in its table."""
    if isinstance(batch, TableBatch):
        return len(batch.numbers) + len(batch.invalid)
    return len(batch.numbers)


def first_rows(batch: B, count: int) -> B:
    """Return the first rows of a batch that has more; at least one."""
    if isinstance(batch, Lines):
        return cast("B", batch.part(slice(count)))
    if isinstance(batch, TableBatch):
        return cast("B", _first_of_table(batch, count))
    frame = cast("Frame", batch)
    part = replace(frame, numbers=frame.numbers[:count], rows=frame.rows.head(count))
    return cast("B", part)


def _first_of_table(batch: TableBatch, count: int) -> TableBatch:
    """Return the first rows of a batch, where rows that are not in its table lie between them."""
    last = sorted([*batch.numbers, *(row.number for row in batch.invalid)])[count - 1]
    kept = bisect_right(batch.numbers, last)
    return TableBatch(
        batch.numbers[:kept],
        batch.rows.slice(0, kept),
        [row for row in batch.invalid if row.number <= last],
    )


def any_row(batches: Iterator[B]) -> bool:
    """Return whether a row follows; damage counts as one, as it is not read any further."""
    with suppress(MlccError, FileError):
        return any(size_of(batch) for batch in batches)
    return True
