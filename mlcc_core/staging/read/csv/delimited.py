"""CSV and TSV as record batches: every value a string, empty is "", nothing is guessed.

Rows are read in blocks where the result is certainly that of a strict reader, else one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import polars as pl
import pyarrow as pa

from mlcc_core.errors import MlccError
from mlcc_core.staging.model.row_issues import FileError, RowIssue
from mlcc_core.staging.model.rows import InvalidRow, TableBatch
from mlcc_core.staging.read.arrow import BATCH_BYTES, BATCH_ROWS, TableRows, unique_names
from mlcc_core.staging.read.csv.blocks import CsvLayout, read_block
from mlcc_core.staging.read.csv.strict_rows import numbered_rows
from mlcc_core.staging.read.csv.text import Text
from mlcc_core.staging.read.streams import OpenFile

DELIMITERS = {"csv": ",", "tsv": "\t"}

INDEX = "Unnamed: 0"
"""Name of a first column without a name, as pandas reads it: pandas writes its index there."""

BLOCK = 4 << 20
"""Bytes of text that are parsed together, about."""


class DelimitedRows(TableRows):
    """A CSV or TSV file with a header, quoted as in RFC 4180; blank lines do not count."""

    unit = "line"

    def __init__(self, opened: OpenFile) -> None:
        name = opened.name
        self.format = opened.format.name
        self._sign = DELIMITERS[self.format]
        self._text = Text(opened.blocks, name)
        self._rows = numbered_rows(self._text, self._sign)
        header = next(self._rows, (1, []))[1]
        if len(header) > 1 and not header[0]:
            header[0] = INDEX
        for number, column in enumerate(header, 1):
            if not column:
                raise MlccError(
                    f"{name}: the header's field {number} is empty, expected a name.",
                    hint="write a name for each column on the first line",
                )
        unique_names(header, name)
        self.schema = pa.schema([(column, pa.string()) for column in header])

    def batches(self, columns: Sequence[str], limit: int | None = None) -> Iterator[TableBatch]:
        names = self.schema.names
        layout = CsvLayout(self._sign, len(names), [names.index(column) for column in columns])
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
            for start in range(0, len(block.numbers), BATCH_ROWS):
                rows = slice(start, start + BATCH_ROWS)
                yield _batch(block.numbers[rows], columns, [found[rows] for found in block.columns])

    def _one_by_one(self, columns: Sequence[str], limit: int, end: int) -> Iterator[TableBatch]:
        """Yield the rows that begin before byte ``end``, in batches of at most ``limit`` rows."""
        indices = [self.schema.names.index(column) for column in columns]
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
        width = len(self.schema.names)
        size = 0
        try:
            for number, row in islice(self._rows, limit):
                size += sum(map(len, row))
                if len(row) == width:
                    numbers.append(number)
                    rows.append(row)
                else:
                    invalid.append(self._ragged(number, row))
                if size > BATCH_BYTES or self._text.taken >= end:
                    break
        except FileError as issue:
            return numbers, rows, invalid, issue
        return numbers, rows, invalid, None

    def _ragged(self, number: int, row: list[str]) -> InvalidRow:
        found = f"{len(row)} field{'s' * (len(row) != 1)}"
        issue = RowIssue(found, f"{len(self.schema.names)}, as in the header")
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
