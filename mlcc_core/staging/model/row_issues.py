"""Row errors. Callers add the file and the line."""

from __future__ import annotations


class RowIssue(Exception):
    """One thing that is wrong with a row.

    Attributes:
        found, expected: in words, without the place.
        column: the column, where it is one column's fault.
        reason: for a misfit, the kind of loss in few words, for the ledger; else empty.
    """

    def __init__(
        self, found: str, expected: str, *, column: str | None = None, reason: str = ""
    ) -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected
        self.column = column
        self.reason = reason

    @property
    def lossy(self) -> bool:
        """Flattening or a repair would lose something; such rows may be left out on request."""
        return bool(self.reason)


class FileError(RowIssue):
    """From ``line`` on the file is not made of rows; what follows cannot be trusted."""

    def __init__(self, line: int, found: str, expected: str) -> None:
        super().__init__(found, expected)
        self.line = line


class RowIssues(Exception):
    """Everything that is wrong with one row."""

    def __init__(self, issues: list[RowIssue]) -> None:
        super().__init__(f"{len(issues)} issues")
        self.issues = issues


def kind_of(value: object) -> str:
    """The JSON word for the type of a decoded value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"
