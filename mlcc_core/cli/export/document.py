"""The document of ``mlcc export``."""

from __future__ import annotations

from mlcc_core.actions.export.asking import Asked
from mlcc_core.actions.export.export import WrittenFile
from mlcc_core.cli.document import Document
from mlcc_core.contract.platform.exporting import ExportForm, ExportFormat


class ExportDocument(Document):
    """``mlcc export``: the files that were written, and how they answer."""

    target: str
    job: str | None
    model: str
    form: ExportForm
    dtype: ExportFormat | None
    path: str
    files: list[WrittenFile]
    asked: Asked | None
    loads: dict[str, str]
    notes: list[str]
