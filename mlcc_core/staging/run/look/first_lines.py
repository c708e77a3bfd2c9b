"""The first rows of a file of JSON text, and the columns that only later rows have."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from mlcc_core.errors import MlccError
from mlcc_core.staging.model.row_issues import FileError, RowIssue
from mlcc_core.staging.model.rows import InvalidRow, Lines
from mlcc_core.staging.read.json.lines import bare
from mlcc_core.staging.read.json.objects import rows_on_line
from mlcc_core.staging.rules.column_rewrite import rewrite_of
from mlcc_core.staging.rules.columns.names import lacking
from mlcc_core.staging.rules.renaming import Renaming
from mlcc_core.staging.rules.strict_json import of_element, parse_object

if TYPE_CHECKING:
    from mlcc_core.staging.model.request import DatasetJob

HEAD_ROWS = 10
"""Rows that a preview reads; the specification's number."""

MORE_ROWS = 10_000
"""Rows in which a column is looked for that the first rows do not have, about."""

MORE_BYTES = 4 << 20
"""Bytes of these rows, about."""


class FirstLines:
    """The first rows of a file of JSON text.

    Args:
        most: rows to take.
        several: a line may hold several objects, or arrays of them, which are rows.

    Attributes:
        lines: the rows.
        texts: of each.
        records: the values of those that are JSON objects.
        invalid: the others.
        split: lines that held several rows.
        left: the rows after them that were read, too.
        goes_on: more rows were seen.
    """

    def __init__(self, most: int = HEAD_ROWS, *, several: bool) -> None:
        self._most = most
        self._several = several
        self.texts: list[bytes] = []
        self._numbers: list[int] = []
        self._within: list[int | None] = []
        self._of_array = False
        self.records: list[dict[str, Any]] = []
        self.invalid: list[InvalidRow] = []
        self.split = 0
        self.left = Lines([], [])
        self.goes_on = False

    @property
    def lines(self) -> Lines:
        return Lines(self._numbers, self.texts, self._within, self._of_array)

    def take(self, batch: Lines) -> bool:
        """Take the rows of a batch that are still missing; return whether none is."""
        self._of_array = batch.of_array
        for index, (number, within, text) in enumerate(batch.placed()):
            if len(self.texts) == self._most:
                self.left = batch.part(slice(index, None))
                self.goes_on = True
                break
            self._take(number, within, bare(text), several=self._several)
        return len(self.texts) == self._most

    def _take(self, number: int, within: int | None, text: bytes, *, several: bool) -> None:
        if len(self.texts) == self._most:
            return
        try:
            record = parse_object(text)
        except RowIssue as issue:
            rows = rows_on_line(text) if several else None
            for at, row in enumerate(rows or (), 1):
                self._take(number, at, row, several=False)
            if rows is not None:
                self.split += 1
                return
            told = of_element(issue) if self._of_array else issue
            self.invalid.append(InvalidRow(number, text, [told], within))
        else:
            self.records.append(record)
        self._numbers.append(number)
        self._within.append(within)
        self.texts.append(text)


def with_later_columns(
    job: DatasetJob, names: tuple[str, ...], head: FirstLines, later: Iterator[Lines]
) -> tuple[tuple[str, ...], int | None]:
    """Look in later rows for columns that are needed and that the first rows lack.

    Args:
        job: the dataset.
        names: the columns of the first rows, before rename.
        head: the first rows.
        later: the batches that were not read yet.

    Returns:
        The columns with those that were found, and the number of rows that were looked at;
        ``None`` where the file has no more.
    """
    looked_at, size = len(head.texts), 0
    found = dict.fromkeys(names)
    later = chain([head.left], later)
    try:
        while looked_at < MORE_ROWS and size < MORE_BYTES and _lacks(job, tuple(found)):
            batch = next(later, None)
            if batch is None:
                return tuple(found), None
            head.goes_on = head.goes_on or bool(batch.texts)
            for text in batch.texts:
                found |= dict.fromkeys(_keys(text))
            looked_at += len(batch.texts)
            size += sum(map(len, batch.texts))
    except FileError:
        return tuple(found), looked_at
    return tuple(found), looked_at if size else None


def _lacks(job: DatasetJob, names: tuple[str, ...]) -> bool:
    """Return whether a column is missing that the schema or a rewrite needs."""
    known = Renaming.of(job.conversion.column_map).names(names)
    try:
        rewrite = rewrite_of(job, known)
    except MlccError:
        return False
    if rewrite is not None and not set(rewrite.needs) <= set(known):
        return True
    fresh = rewrite.fresh if rewrite else ()
    return any(column.name not in fresh for column in lacking(job, known))


def _keys(text: bytes) -> tuple[str, ...]:
    """Return the keys of a row; of several on a line, those of all."""
    try:
        return tuple(parse_object(text))
    except RowIssue:
        return tuple(key for row in rows_on_line(text) or () for key in _keys(row))
