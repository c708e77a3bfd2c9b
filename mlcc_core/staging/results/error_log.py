"""A log of row errors: the first ones in full, and all of them counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlcc_core.staging.model.row_error import ERRORS_KEPT, ErrorKind, RowError
from mlcc_core.staging.results.row_errors import row_errors

if TYPE_CHECKING:
    from mlcc_core.staging.model.row_issues import RowIssue
    from mlcc_core.staging.model.rows import InvalidRow

KINDS_KEPT = 1000
"""Kinds of errors that are counted one by one: an error may hold a number unique to its row."""

Key = tuple[str | None, str, str, bool]


class ErrorLog:
    """A log of row errors, in reading order.

    Args:
        cap: errors to keep in full.
        every_issue: log each issue of a row, not only its first.

    Attributes:
        errors: the first ones.
        rows: number of invalid rows.
        issues: number of their errors.
    """

    def __init__(self, cap: int = ERRORS_KEPT, *, every_issue: bool = False) -> None:
        self._cap = cap
        self._taken = None if every_issue else 1
        self._counts: dict[Key, int] = {}
        self._firsts: dict[Key, RowError] = {}
        self.errors: list[RowError] = []
        self.rows = 0
        self.issues = 0

    def add(self, row: InvalidRow, file: str, unit: str) -> None:
        """Log one row.

        Args:
            row: the row.
            file: its name.
            unit: of the row's number, ``row`` or ``line``.
        """
        issues = sorted(row.issues, key=lambda issue: issue.lossy)[: self._taken]
        self.rows += 1
        self.issues += len(issues)
        new = [key for key in map(_key, issues) if self._count(key)]
        room = self._cap - len(self.errors)
        if room > 0 or new:
            errors = row_errors(row, file, unit)[: self._taken]
            self.errors += errors[: max(room, 0)]
            firsts = {_key(issue): error for issue, error in zip(issues, errors, strict=True)}
            self._firsts |= {key: firsts[key] for key in new}

    def kinds(self) -> Sequence[ErrorKind]:
        """Return the kinds of errors, in the order of their first errors."""
        return [ErrorKind(first, self._counts[key]) for key, first in self._firsts.items()]

    def _count(self, key: Key) -> bool:
        """Count an error of this kind; return whether it is the first one."""
        seen = self._counts.get(key)
        if seen is None and len(self._counts) == KINDS_KEPT:
            return False
        self._counts[key] = (seen or 0) + 1
        return seen is None


def _key(issue: RowIssue) -> Key:
    return issue.column, issue.found, issue.expected, issue.lossy
