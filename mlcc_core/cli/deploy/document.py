"""The document of ``mlcc adapter list --json``."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from mlcc_core.cli.document import Document


class AdapterRow(TypedDict):
    """An adapter or model beside the base model."""

    name: str
    kind: Literal["adapter", "model"]
    status: str
    source: str


class AdaptersDocument(Document):
    """``mlcc adapter list``."""

    adapters: list[AdapterRow]
