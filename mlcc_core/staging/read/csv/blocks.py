"""CSV and TSV many rows at once, where that surely gives what the strict reader gives.

Polars' parser is fast, but takes what the strict reader refuses: text after a closing quote, rows
with a field too few, NUL. So it is given only text that is known to be free of all that. That text
is UTF-8 it sees to itself, in all columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from mlcc_core.staging.read.csv.structure import find_structure
from mlcc_core.staging.read.formats import BOM
from mlcc_core.staging.read.json_lines import LONGEST


@dataclass(frozen=True)
class CsvLayout:
    """The columns to read of each row.

    Attributes:
        sign: the delimiter.
        width: fields of each row.
        places: of the wanted columns, from 0.
    """

    sign: str
    width: int
    places: Sequence[int]


@dataclass(frozen=True)
class Block:
    """Many rows.

    Attributes:
        size: bytes of their text, line ends included.
        lines: newlines in it, also those within fields.
        numbers: the line where each row begins.
        columns: the wanted ones, all strings.
    """

    size: int
    lines: int
    numbers: Sequence[int]
    columns: Sequence[pl.Series]


def read_block(text: bytes, layout: CsvLayout, first: int, *, last: bool) -> Block | None:
    """The rows that end within ``text``; ``None`` where the strict reader has to look at them.

    Args:
        text: begins where a row begins.
        first: the number of its first line.
        last: nothing follows the text.
    """
    # Polars drops a BOM; the file's own was taken with the header, so this one is a value's.
    if len(text) > LONGEST or text.startswith(BOM) or b"\0" in text:
        return None
    found = find_structure(text, layout.sign)
    if not last:
        found = found.whole_rows()
        text = text[: found.size]
    fine = found.are_in_place() and found.are_full(layout.sign, layout.width)
    columns = _parsed(text, layout) if text and fine else None
    if columns is None or any(len(column) != found.rows for column in columns):
        return None
    return Block(found.size, found.lines, found.numbers(first), columns)


def _parsed(text: bytes, layout: CsvLayout) -> list[pl.Series] | None:
    names = [str(place) for place in range(layout.width)]
    try:
        frame = pl.read_csv(
            text,
            has_header=False,
            separator=layout.sign,
            schema=dict.fromkeys(names, pl.String),
            columns=list(layout.places),
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    # By name, as versions differ in the order; an empty field that is not quoted is null.
    return [frame[names[place]].fill_null("").rechunk() for place in layout.places]
