"""CSV and TSV as record batches: every value a string, empty is "", nothing is guessed.

Rows are read in blocks where the result is certainly that of a strict reader, else one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import polars as pl
import pyarrow as pa

from mlcc_core.staging.model.read_note import ReadNote
from mlcc_core.staging.model.row_issues import FileError, RowIssue
from mlcc_core.staging.model.rows import InvalidRow, TableBatch
from mlcc_core.staging.read.arrow import BATCH_BYTES, BATCH_ROWS, TableRows
from mlcc_core.staging.read.csv.blocks import Block, CsvLayout, empty_rows, read_block
from mlcc_core.staging.read.csv.header import columns_of, read_start
from mlcc_core.staging.read.csv.strict_rows import field_with_nul, numbered_rows
from mlcc_core.staging.read.csv.text import Text
from mlcc_core.staging.read.encodings import WINDOWS, WesternText
from mlcc_core.staging.read.formats import suffix_of
from mlcc_core.staging.read.streams import OpenFile

BLOCK = 4 << 20
"""Bytes of text that are parsed together, about."""


class DelimitedRows(TableRows):
    """A CSV or TSV file with a header, quoted as in RFC 4180, with any usual delimiter.

    Blank lines and rows in which every cell is empty do not count.

    Attributes:
        has_row_names: the first field of each row is a name that is left out.
    """

    unit = "line"

    def __init__(self, opened: OpenFile) -> None:
        name = opened.name
        self.format = opened.format.name
        self._western = WesternText(opened.blocks)
        self._text = Text(self._western.blocks(), name)
        self._start = read_start(self._text, name, suffix_of(name), opened.command)
        self._sign = self.delimiter = self._start.dialect.sign
        self.command = f"{opened.command}{self._start.above}"
        self._rows = numbered_rows(self._text, self._sign)
        self._empty = 0
        header = next(self._rows, (1, []))[1]
        names = columns_of(header, self._start, name)
        self.has_row_names = self._start.dialect.named_rows
        self._first = int(self.has_row_names)
        self.schema = pa.schema([(column, pa.string()) for column in names])

    def notes(self) -> Sequence[ReadNote]:
        found = [*super().notes(), *self._start.notes]
        if self._western.windows:
            found.append(ReadNote(f"{WINDOWS} text"))
        if self._empty:
            found.append(ReadNote("rows in which every cell is empty are not read", self._empty))
        return found

    def size(self) -> int | None:
        return None if self._western.windows else self._text.size()

    def batches(self, columns: Sequence[str], limit: int | None = None) -> Iterator[TableBatch]:
        layout = self._layout(columns)
        # For the first rows, the text that was read with the header is usually enough.
        least = BLOCK if limit is None else 1
        while True:
            text, last = self._text.ahead(least, 2 * BLOCK)
            if not text:
                return
            block = read_block(text, layout, self._text.number + 1, last=last)
            if block is None:
                end = self._text.taken + len(text)
                yield from self._one_by_one(columns, limit or BATCH_ROWS, end)
                continue
            self._text.take(block.size, block.lines)
            block = self._without_empty(block, text, columns)
            for start in range(0, len(block.numbers), BATCH_ROWS):
                rows = slice(start, start + BATCH_ROWS)
                yield _batch(block.numbers[rows], columns, [found[rows] for found in block.columns])

    def _layout(self, columns: Sequence[str]) -> CsvLayout:
        names = self.schema.names
        indices = [self._first + names.index(column) for column in columns]
        return CsvLayout(self._sign, self._first + len(names), indices)

    def _without_empty(self, block: Block, text: bytes, columns: Sequence[str]) -> Block:
        """Return the block without the rows in which every cell is empty, and count those."""
        empty = empty_rows(block)
        if empty is None:
            return block
        if len(columns) < len(self.schema.names):
            layout = self._layout(self.schema.names)
            whole = read_block(text[: block.size], layout, 1, last=True)
            empty = None if whole is None else empty_rows(whole)
            if empty is None:
                return block
        self._empty += int(empty.sum())
        return block.filtered(~empty)

    def _one_by_one(self, columns: Sequence[str], limit: int, end: int) -> Iterator[TableBatch]:
        """Yield the rows that begin before byte ``end``, in batches of at most ``limit`` rows."""
        indices = self._layout(columns).indices
        issue: FileError | None = None
        while issue is None and self._text.taken < end:
            numbers, rows, invalid, issue = self._take(limit, end)
            if numbers or invalid:
                values = [pl.Series([row[at] for row in rows], dtype=pl.String) for at in indices]
                yield _batch(numbers, columns, values, invalid)
        if issue is not None:
            raise issue

    def _take(
        self, limit: int, end: int
    ) -> tuple[list[int], list[list[str]], list[InvalidRow], FileError | None]:
        numbers: list[int] = []
        rows: list[list[str]] = []
        invalid: list[InvalidRow] = []
        width = self._first + len(self.schema.names)
        size = 0
        try:
            for number, row in islice(self._rows, limit):
                size += sum(map(len, row))
                if not any(row[self._first :]):
                    self._empty += 1
                elif len(row) != width:
                    invalid.append(self._ragged(number, row))
                elif field := field_with_nul(row):
                    issue = RowIssue(f"a NUL character in field {field}", "text")
                    invalid.append(InvalidRow(number, self._sign.join(row).encode(), [issue]))
                else:
                    numbers.append(number)
                    rows.append(row)
                if size > BATCH_BYTES or self._text.taken >= end:
                    break
        except FileError as fault:
            return numbers, rows, invalid, fault
        return numbers, rows, invalid, None

    def _ragged(self, number: int, row: list[str]) -> InvalidRow:
        found = f"{len(row)} field{'s' * (len(row) != 1)}"
        expected = f"{self._first + len(self.schema.names)}, as in the "
        expected += "first row" if self._first else "header"
        issue = RowIssue(found, expected)
        return InvalidRow(number, self._sign.join(row).encode(), [issue])


def _batch(
    numbers: Sequence[int],
    columns: Sequence[str],
    values: Sequence[pl.Series],
    invalid: Sequence[InvalidRow] = (),
) -> TableBatch:
    # The newest layout shares the text with Polars; an older one would copy it.
    newest = pl.CompatLevel.newest()
    arrays = [column.to_arrow(compat_level=newest) for column in values]
    return TableBatch(numbers, pa.RecordBatch.from_arrays(arrays, list(columns)), invalid)
