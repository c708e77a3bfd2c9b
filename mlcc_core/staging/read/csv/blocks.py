"""CSV and TSV many rows at once, where the result is certainly that of the strict reader.

Polars' parser is fast, but accepts what the strict reader refuses: text after a closing quote, rows
that lack a field, NUL. It is used only for text without any of these. Polars itself checks that the
text is UTF-8, in all columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from mlcc_core.staging.read.csv.structure import find_structure
from mlcc_core.staging.read.formats import BOM
from mlcc_core.staging.read.json.lines import LONGEST


@dataclass(frozen=True)
class CsvLayout:
    """The columns to read of each row.

    Attributes:
        sign: the delimiter.
        width: number of fields of each row.
        indices: of the columns to read, from 0.
    """

    sign: str
    width: int
    indices: Sequence[int]


@dataclass(frozen=True)
class Block:
    """Many rows.

    Attributes:
        size: bytes of their text, line ends included.
        lines: newlines in the text, also those within fields.
        numbers: the line where each row begins.
        columns: the columns to read, all strings.
    """

    size: int
    lines: int
    numbers: Sequence[int]
    columns: Sequence[pl.Series]

    def filtered(self, kept: pl.Series) -> Block:
        """Return the block with some of its rows."""
        numbers = [number for number, keep in zip(self.numbers, kept, strict=True) if keep]
        columns = [column.filter(kept) for column in self.columns]
        return Block(self.size, self.lines, numbers, columns)


def empty_rows(block: Block) -> pl.Series | None:
    """Return a mask of the rows in which every column is empty; ``None`` if there are none."""
    if not block.columns:
        return None
    empty = block.columns[0] == ""
    for column in block.columns[1:]:
        if not empty.any():
            return None
        empty &= column == ""
    return empty if empty.any() else None


def read_block(text: bytes, layout: CsvLayout, first: int, *, last: bool) -> Block | None:
    """Parse the rows that end within ``text``; return ``None`` if that takes the strict reader.

    Args:
        text: begins where a row begins.
        layout: columns of the file.
        first: number of the text's first line, from 1.
        last: nothing follows the text.
    """
    # Polars drops a BOM. The header has taken the file's own, so this one belongs to a value.
    if len(text) > LONGEST or text.startswith(BOM) or b"\0" in text:
        return None
    found = find_structure(text, layout.sign)
    if not last:
        found = found.whole_rows()
        text = text[: found.size]
    fine = found.is_well_formed() and found.has_full_rows(layout.sign, layout.width)
    columns = _parsed(text, layout) if text and fine else None
    if columns is None or any(len(column) != found.rows for column in columns):
        return None
    return Block(found.size, found.lines, found.numbers(first), columns)


def _parsed(text: bytes, layout: CsvLayout) -> list[pl.Series] | None:
    names = [str(index) for index in range(layout.width)]
    try:
        frame = pl.read_csv(
            text,
            has_header=False,
            separator=layout.sign,
            schema=dict.fromkeys(names, pl.String),
            columns=list(layout.indices),
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    # By name, as versions differ in the order; an empty field that is not quoted is null.
    return [frame[names[index]].fill_null("").rechunk() for index in layout.indices]
