"""The document of ``mlcc export``."""

from __future__ import annotations

from mlcc_core.actions.export.asking import Asked
from mlcc_core.actions.export.export import WrittenFile
from mlcc_core.cli.document import Document
from mlcc_core.contract.platform.exporting import ExportForm, ExportFormat


class ExportDocument(Document):
    """``mlcc export``: the files that were written, and how they answer.

    Attributes:
        target: the model, as it is called.
        job: the run that made it; null for another model.
        model: its base.
        form: of what was written.
        dtype: number format of the weights; null for those of an adapter.
        path: of the folder, or of the file in GGUF.
        files: all files that were written.
        asked: how its answers compare with the model's; null where none were asked for, or where it
            cannot be loaded here.
        loads: how other programs load it, by the program's name.
        notes: lines for people.
    """

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
