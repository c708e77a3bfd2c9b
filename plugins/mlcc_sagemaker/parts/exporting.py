"""Outputs of jobs as files on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlcc_core import Exporting

if TYPE_CHECKING:
    from mlcc_core import Context, Exported, ExportForm, ExportPlan, MlccError, Subject


class BucketExporting(Exporting):
    """Brings what jobs left in S3; nothing has to be deployed for it.

    No other program loads an output where it lies, so ``loads`` has no lines for it.
    """

    def lacks(self, context: Context, subject: Subject, form: ExportForm) -> MlccError | None:
        from mlcc_sagemaker.exporting.export import lacks

        return lacks(context, subject, form)

    def export(self, context: Context, plan: ExportPlan, folder: Path) -> Exported:
        from mlcc_sagemaker.exporting.export import export

        return export(context, plan, folder)
