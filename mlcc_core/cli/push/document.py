"""The document of ``mlcc push --json``."""

from __future__ import annotations

from typing import Literal

from mlcc_core.cli.document import Document


class PushDocument(Document):
    """``mlcc push``: the repository that holds the model."""

    repo: str
    address: str
    revision: str
    job: str
    form: Literal["adapter", "merged"]
    private: bool
    changed: bool
    files: list[str]
    removed: list[str]
    loads: list[str]
