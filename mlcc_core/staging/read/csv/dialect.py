"""The delimiter of a table in text, proved by its beginning: never guessed.

A delimiter is proved if nearly all rows of the first block have the same number of fields, the
header included, at least two, and no other delimiter does that. R writes a name before each row and
none above them; that counts where these first fields can be row names.

Where the rows prove none, and the usual one leaves the header whole, a header that is clearly a
list of names under one other delimiter is believed: rows of another width are then errors.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mlcc_core.staging.read.json.lines import LONGEST

SIGNS = (",", ";", "\t", "|")
"""Delimiters that spreadsheets, databases and statistics programs write."""

SPACE = " "
"""R's own delimiter, between names and text in quotes."""

NEARLY = 0.9
"""Part of the rows that must have the header's number of fields under another delimiter."""

SAMPLE = 64 << 10
"""Bytes of text that are looked at, more where no row ends in them."""

LARGEST_SAMPLE = 16 << 20

LONGEST_NAME = 40
"""Characters of a column's name at most, where the header alone shows the delimiter."""

MANY = 0.5
"""Part of the rows that must have the delimiter which the header alone shows."""

_ROW_NAME = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Dialect:
    """The form of a table in text.

    Attributes:
        sign: the delimiter.
        named_rows: each row begins with a name, above which the header has nothing: an empty field,
            or none at all.
        proved: the rows prove the delimiter; else it is only the usual one.
    """

    sign: str
    named_rows: bool = False
    proved: bool = False


def find_dialect(text: str, usual: str | None, *, whole: bool) -> Dialect | None:
    """Find the dialect of a table.

    Args:
        text: its beginning.
        usual: the delimiter that the file's name promises; it is taken where none is proved.
        whole: nothing follows the text; else its last row may be cut and does not count.

    Returns:
        The dialect; ``None`` if none is proved and none is usual.
    """
    tables: dict[str, list[list[str]]] = {}
    quoted = text.startswith('"')
    if usual is not None:
        tables[usual] = read_rows(text, usual, whole=whole)
        if len(tables[usual]) > 1 and _is_table(tables[usual], 1, quoted):
            return replace(_dialect(usual, tables[usual], quoted), proved=True)
    signs = (*SIGNS, SPACE) if quoted else SIGNS
    tables |= {sign: read_rows(text, sign, whole=whole) for sign in signs if sign != usual}
    # A usual delimiter of which the header has one is believed, unless all rows deny it.
    part = NEARLY if usual is None or _width(tables[usual]) < 2 else 1
    proved = [
        sign
        for sign, rows in tables.items()
        if sign != usual and len(rows) > 1 and _is_table(rows, part, quoted)
    ]
    if len(proved) == 1:
        return replace(_dialect(proved[0], tables[proved[0]], quoted), proved=True)
    if usual is not None and _width(tables[usual]) == 1:
        shown = [sign for sign in SIGNS if _is_shown(tables[sign])]
        usual = shown[0] if len(shown) == 1 else usual
    return None if usual is None else _dialect(usual, tables[usual], quoted)


def read_rows(text: str, sign: str, *, whole: bool) -> list[list[str]]:
    """Return the rows under a delimiter that are not empty; one that cannot be read is ``[]``."""
    csv.field_size_limit(LONGEST)
    lines = _lines(text)
    reader = csv.reader(lines, delimiter=sign, strict=True)
    rows: list[list[str]] = []
    broken = False
    try:
        rows += (row for row in reader if any(row))
    except csv.Error:
        broken = True
    if not whole:
        # The row that is cut may be the one that cannot be read.
        at_end = next(lines, None) is None
        return rows if broken and at_end else [*rows, []] if broken else rows[:-1]
    return [*rows, []] if broken else rows


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text; a newline alone ends one."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _width(rows: Sequence[Sequence[str]]) -> int:
    return len(rows[0]) if rows else 0


def _is_table(rows: Sequence[Sequence[str]], part: float, quoted: bool) -> bool:
    header, others = rows[0], rows[1:]
    for width in (len(header), len(header) + 1):
        good = [row for row in others if len(row) == width]
        if len(header) > 1 and good and len(good) >= part * len(others):
            return width == len(header) or _have_names(good, quoted)
    return False


def _is_shown(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the header is a list of names, and the rows are split as well."""
    header, others = (rows[0], rows[1:]) if rows else ((), ())
    names = {name.strip() for name in header}
    good = all(0 < len(name) <= LONGEST_NAME for name in names) and len(names) == len(header)
    split = sum(len(row) > 1 for row in others)
    return len(header) > 1 and good and split >= MANY * len(others)


def _dialect(sign: str, rows: Sequence[Sequence[str]], quoted: bool) -> Dialect:
    header, others = (rows[0], rows[1:]) if rows else ((), ())
    if len(header) < 2:
        return Dialect(sign)
    # R's header has a field less, or an empty one as pandas has.
    width = len(header) + bool(header[0])
    named = [row for row in others if len(row) == width]
    many = len(named) >= NEARLY * len(others)
    return Dialect(sign, named_rows=many and _have_names(named, quoted))


def _have_names(rows: Sequence[Sequence[str]], quoted: bool) -> bool:
    """Return whether the first fields can be row names: each once, numbers or text in quotes."""
    names = [row[0] for row in rows]
    unique = bool(names) and len({*names}) == len(names)
    return unique and (quoted or all(map(_ROW_NAME.fullmatch, names)))
