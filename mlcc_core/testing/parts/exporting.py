"""The exporting of a platform in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mlcc_core.contract.job import Output
from mlcc_core.contract.platform.answering import Subject
from mlcc_core.contract.platform.exporting import Exported, ExportForm, Exporting, ExportPlan
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_core.testing.faults import Faults


class FakeExporting(Faults, Exporting):
    """Writes small files; ``fail`` and ``calls`` come from ``Faults``.

    Attributes:
        without: why a form cannot be had, by form.
        plans: of what was written, in order.
        title: of what was written, by which a test has it answer; ``None`` for the model's own.
        reads: what was written can be asked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.without: dict[ExportForm, MlccError] = {}
        self.plans: list[ExportPlan] = []
        self.title: str | None = None
        self.reads = True

    def lacks(self, context: Context, subject: Subject, form: ExportForm) -> MlccError | None:
        with self.call("lacks"):
            return self.without.get(form)

    def loads(self, context: Context, model: str, output: Output) -> Mapping[str, str]:
        with self.call("loads"):
            return {"fake": f"fake load {output.path}"}

    def export(self, context: Context, plan: ExportPlan, folder: Path) -> Exported:
        with self.call("export"):
            self.plans.append(plan)
            stem = f"{plan.name}.gguf" if plan.form == "gguf" else f"{plan.form}.bin"
            (folder / stem).write_bytes(b"weights")
            if plan.form == "gguf":
                (folder / f"{plan.name}.Modelfile").write_text(f"FROM ./{stem}\n")
            (folder / "again").mkdir()
            (folder / "again" / "copy.bin").write_bytes(b"weights")
            title = self.title or plan.subject.title
            written = replace(plan.subject, title=title, fingerprint=f"written {plan.form}")
            return Exported(
                written if self.reads else None,
                {"fake": "fake load {path}"},
                () if self.reads else ("ℹ️  It cannot be loaded here.",),
                None if plan.form == "adapter" else plan.dtype or "float32",
                ("again",),
            )
