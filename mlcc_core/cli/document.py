"""Parts of the documents that ``--json`` prints."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict


class Document(TypedDict):
    """The field that all documents have."""

    schema_version: int


class ErrorBody(TypedDict):
    """An error, as :meth:`mlcc_core.MlccError.as_json` gives it."""

    what: str
    where: str | None
    hint: str | None
    detail: list[str]
    exit_code: int
    problems: NotRequired[list[ErrorBody]]
