"""Errors of rows, with their file and line."""

from __future__ import annotations

from dataclasses import dataclass

from mlcc_core.staging.model.row_issues import said

ERRORS_KEPT = 100_000
"""Errors that are kept in full, for scripts: 14 MB of short ones, 40 MB with excerpts."""


def on_line(row: int | None) -> str:
    """Return the end of a row's place, which says which of several rows of a line it is.

    Example:
        >>> on_line(2)
        ', row 2'
    """
    return "" if row is None else f", row {row}"


@dataclass(frozen=True, slots=True)
class RowError:
    """An error of one row.

    Attributes:
        file: name within the dataset.
        line: from 1; the row's number in columnar files, the line where it begins in others.
        column: after rename; ``None`` when the row as a whole is wrong.
        found: the wrong value, in words.
        expected: the right kind of value, in words; empty for a row that its technique refuses.
        excerpt: the row or line, shortened.
        misfit: flattening would lose a part of the row; such rows may be left out on request.
        unit: of ``line``: ``line`` or ``row``.
        row_on_line: which of several rows of the line, from 1; ``None`` where it has only one.
    """

    file: str
    line: int
    column: str | None
    found: str
    expected: str
    excerpt: str = ""
    misfit: bool = False
    unit: str = "line"
    row_on_line: int | None = None

    @property
    def row_number(self) -> str:
        """``3``; of several rows on a line ``3, row 2``."""
        return f"{self.line}{on_line(self.row_on_line)}"

    @property
    def row_place(self) -> str:
        """``train.jsonl, line 3``."""
        return f"{self.file}, {self.unit} {self.row_number}"

    @property
    def place(self) -> str:
        """``train.jsonl, line 3, column 'completion'``."""
        column = "" if self.column is None else f", column {self.column!r}"
        return f"{self.row_place}{column}"

    @property
    def said(self) -> str:
        """The error in words, without its place."""
        return said(self.found, self.expected)

    def __str__(self) -> str:
        return f"{self.place}: {self.said}"


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """Errors that differ only in their place.

    Attributes:
        first: the first error of this kind.
        count: number of errors of this kind.
    """

    first: RowError
    count: int
