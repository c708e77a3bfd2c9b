"""The base of every document that ``--json`` prints."""

from __future__ import annotations

from typing_extensions import TypedDict


class Document(TypedDict):
    """The field that all documents have."""

    schema_version: int
