"""Positions of quotes, delimiters and line ends in CSV or TSV, and checks of each.

From the beginning of a row on, quotes alternately enter and leave a quoted field if

- each that enters comes right after a delimiter or newline, or after the quote that it doubles;
- each that leaves comes right before a delimiter or line end, or before the quote that doubles it.

Then a newline ends a row, and a delimiter a field, exactly where an even number of quotes comes
before. Quotes elsewhere may be legal (an unquoted field may hold some) or not: of such text nothing
is said here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import polars as pl
import pyarrow as pa

_QUOTE, _NEWLINE, _RETURN = b'"\n\r'


@dataclass(frozen=True)
class Structure:
    """The quotes, delimiters, newlines and carriage returns of a text that begins with a row.

    Attributes:
        size: bytes of the text.
        at: places of the marks.
        kinds: which byte each is.
        inside: whether an odd number of quotes leads up to each, itself included.
    """

    size: int
    at: pl.Series
    kinds: pl.Series
    inside: pl.Series

    def whole_rows(self) -> Structure:
        """Those of the text up to the last newline that ends a row."""
        ends = self.at.filter(self._ends())
        size = int(ends[-1]) + 1 if len(ends) else 0
        count = int((self.at < size).sum())
        return Structure(size, *(part.head(count) for part in (self.at, self.kinds, self.inside)))

    def are_in_place(self) -> bool:
        """Return whether all quotes and carriage returns are in place, and a row ends the text."""
        if len(self.at) == 0:
            return True
        quotes = self.kinds == _QUOTE
        enters, leaves = quotes & self.inside, quotes & ~self.inside
        returns = (self.kinds == _RETURN) & ~self.inside
        # Whatever has to be beside a quote is a mark itself.
        apart = self._apart()
        misplaced = (enters.slice(1) | leaves.head(-1)) & apart
        misplaced |= returns.head(-1) & (apart | (self.kinds.slice(1) != _NEWLINE))
        first = enters[0] and self.at[0] > 0
        last = self.inside[-1] or returns[-1] or (leaves[-1] and self.at[-1] < self.size - 1)
        return not (misplaced.any() or first or last)

    def are_full(self, sign: str, width: int) -> bool:
        """Return whether no row is blank and each has ``width`` fields, if marks are in place."""
        ends = self._ends()
        line_ends = (self.kinds == _NEWLINE) | (self.kinds == _RETURN)
        blank = ends.head(-1) & line_ends.slice(1) & ~self._apart()
        if blank.any() or (len(self.at) and self.at[0] == 0 and line_ends[0]):
            return False
        # Sums are slow: quotes, which may be many, are left out first.
        kinds = self.kinds.filter(~self.inside & (self.kinds != _QUOTE))
        signs = (kinds == ord(sign)).cum_sum()
        found = signs.filter(kinds == _NEWLINE)
        rows = pl.int_range(1, len(found) + 1, eager=True)
        total = signs[-1] if len(signs) else 0
        return bool((found == rows * (width - 1)).all()) and total == self.rows * (width - 1)

    @property
    def rows(self) -> int:
        """Rows, if all marks are in place."""
        return int(self._ends().sum()) + (not self._is_ended)

    @property
    def lines(self) -> int:
        """Newlines, also those within fields."""
        return int((self.kinds == _NEWLINE).sum())

    def numbers(self, first: int) -> Sequence[int]:
        """The line where each row begins, if all marks are in place.

        Args:
            first: the number of the first line.
        """
        if self.rows == self.lines + (not self._is_ended):
            return range(first, first + self.rows)
        ends = (~self.inside.filter(self.kinds == _NEWLINE)).arg_true()
        return [first, *(ends.cast(pl.Int64) + first + 1).to_list()][: self.rows]

    @property
    def _is_ended(self) -> bool:
        return len(self.at) > 0 and self.at[-1] == self.size - 1 and self.kinds[-1] == _NEWLINE

    def _ends(self) -> pl.Series:
        """Mark the delimiters that end a row."""
        return (self.kinds == _NEWLINE) & ~self.inside

    def _apart(self) -> pl.Series:
        """Mark those that have something else after them, the last left out."""
        return self.at.slice(1) - self.at.head(-1) > 1


def find_structure(text: bytes, sign: str) -> Structure:
    """The marks of a text, which is not copied.

    Args:
        sign: the delimiter.
    """
    array = pa.Array.from_buffers(pa.uint8(), len(text), [None, pa.py_buffer(text)])
    data = cast(pl.DataFrame, pl.from_arrow(pa.table({"": array}))).to_series()
    found = (data == _QUOTE) | (data == ord(sign)) | (data == _NEWLINE)
    if b"\r" in text:
        found |= data == _RETURN
    at, kinds = _places(-(-len(text) // _STEP)).head(len(text)).filter(found), data.filter(found)
    return Structure(len(text), at, kinds, (kinds == _QUOTE).cum_sum() % 2 == 1)


_STEP = 1 << 20


@lru_cache(maxsize=1)
def _places(steps: int) -> pl.Series:
    """All places of a text; to filter them takes a third of the time that ``arg_true`` takes."""
    return pl.int_range(0, steps * _STEP, dtype=pl.UInt32, eager=True)
