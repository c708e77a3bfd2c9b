"""Issues of rows. Callers add the file and the line."""

from __future__ import annotations


class RowIssue(Exception):
    """One reason why a row is invalid.

    Attributes:
        found, expected: in words, without the place; nothing is expected where what was found
            says it.
        column: the column, unless the row as a whole is wrong.
        reason: of a row that may be left out on request, the kind of loss or the broken rule in
            few words, for the ledger; else empty.
    """

    def __init__(
        self, found: str, expected: str = "", *, column: str | None = None, reason: str = ""
    ) -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected
        self.column = column
        self.reason = reason

    @property
    def said(self) -> str:
        """The issue in words: ``found number, expected string``."""
        return said(self.found, self.expected)

    @property
    def lossy(self) -> bool:
        """Conversion would lose a part of the row, or it breaks a rule of its technique.

        It may be left out on request.
        """
        return bool(self.reason)


class LostContext(RowIssue):
    """A column that carries context has text, and is not part of the row that is written."""

    TEXT = "text that would not be written"
    NESTED = "an array or object with text that would not be written"

    def __init__(self, column: str, *, nested: bool) -> None:
        super().__init__(
            self.NESTED if nested else self.TEXT,
            "its context as a part of the row, or the column left out on purpose",
            column=column,
        )


class DroppedRow(RowIssue):
    """The row is left out, as its technique decides."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, "a row to learn from", reason=reason)


class FileError(RowIssue):
    """An error after which the rest of the file cannot be read as rows.

    Attributes:
        line: the number of the line where the rows end, from 1.
        offset: bytes of the content before that place, where they are counted.
    """

    def __init__(self, line: int, found: str, expected: str, offset: int | None = None) -> None:
        super().__init__(found, expected)
        self.line = line
        self.offset = offset


def said(found: str, expected: str) -> str:
    """Return an issue in words; what was found says it alone where nothing is expected."""
    return f"found {found}, expected {expected}" if expected else f"found {found}"


class RowIssues(Exception):
    """All issues of one row."""

    def __init__(self, issues: list[RowIssue]) -> None:
        super().__init__(f"{len(issues)} issues")
        self.issues = issues


def kind_of(value: object) -> str:
    """Return the JSON word for the type of a decoded value: ``number``, ``null``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"
