"""Parts of the documents that ``--json`` prints."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict


class Document(TypedDict):
    """The field that all documents have.

    Attributes:
        schema_version: of the form of documents; it changes when a field goes or means another
            thing.
    """

    schema_version: int


class ErrorBody(TypedDict):
    """An error, as :meth:`mlcc_core.MlccError.as_json` gives it.

    Attributes:
        what: is wrong with which value, and what was expected; one line.
        where: the flag, variable, file or column that is meant; null where it is none of them.
        hint: the command that mends it; null where there is none.
        detail: further lines.
        exit_code: of the command.
        problems: the single errors, where several were found at once.
    """

    what: str
    where: str | None
    hint: str | None
    detail: list[str]
    exit_code: int
    problems: NotRequired[list[ErrorBody]]


class ErrorDocument(Document):
    """Any command that ends with an error before it has a result.

    Attributes:
        error: that ended it.
    """

    error: ErrorBody
