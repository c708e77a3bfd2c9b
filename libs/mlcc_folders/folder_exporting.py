"""The exporting of a project's folder: a process of the engine merges and converts models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlcc_core import (
    Context,
    Exported,
    ExportForm,
    Exporting,
    ExportPlan,
    MlccError,
    Output,
    Subject,
)
from mlcc_engine.export import converter
from mlcc_folders import checks
from mlcc_folders.exporting import loads, writing
from mlcc_folders.model.ready import make_ready

WRITERS = {
    "merged": writing.write_merged,
    "adapter": writing.write_adapter,
    "gguf": writing.write_gguf,
}


class FolderExporting(Exporting):
    """Writes models of this machine."""

    def lacks(self, context: Context, subject: Subject, form: ExportForm) -> MlccError | None:
        adapted = subject.output is not None and subject.output.kind == "adapter"
        if form == "adapter" and not adapted:
            return MlccError(
                f"{subject.title} is a whole model, expected an adapter for --form adapter."
            )
        return converter.lacking() if form == "gguf" else None

    def loads(self, context: Context, model: str, output: Output) -> Mapping[str, str]:
        return loads.of_output(context, model, output)

    def export(self, context: Context, plan: ExportPlan, folder: Path) -> Exported:
        checks.require_packages("An export")
        make_ready(context, plan.subject.model)
        return WRITERS[plan.form](context, plan, folder)
