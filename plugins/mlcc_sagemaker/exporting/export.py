"""The output of a job as files: an adapter, or a whole model where the job left one."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import cast, get_args

from mlcc_core import (
    Context,
    Exported,
    ExportForm,
    ExportFormat,
    ExportPlan,
    MlccError,
    Output,
    PlatformError,
    Subject,
)
from mlcc_core.helpers import disk_errors
from mlcc_engine.export import adapter_files, clean
from mlcc_engine.model.model_folder import read_config
from mlcc_engine.model.tensors import read_tensors
from mlcc_folders.exporting import loads
from mlcc_folders.serving.weights import check_adapter
from mlcc_sagemaker.exporting.download import download
from mlcc_sagemaker.serving.weights.artifacts import find_adapter, find_whole

NOT_ASKED = (
    "ℹ️  It was not asked again: SageMaker asks what is deployed. On a machine with its base: "
    "mlcc chat FOLDER --platform local"
)
OF_THE_JOB = "/opt/ml"
"""The folder in which jobs of SageMaker work; configs may name places in it."""


def lacks(context: Context, subject: Subject, form: ExportForm) -> MlccError | None:
    """Return why a form cannot be had; objects are listed at most."""
    output = subject.output
    if output is None:
        return MlccError(f"{subject.title} is the base model, which is on the Hub as it is.")
    if form == "adapter":
        if output.kind == "adapter":
            return None
        return MlccError(f"{subject.title} is a whole model, expected an adapter.")
    if form == "merged" and (output.kind == "model" or _merged_by_the_job(context, output)):
        return None
    made = {"merged": "A merged model", "gguf": "GGUF"}[form]
    part = "--form adapter" if output.kind == "adapter" else "--form merged"
    return MlccError(
        f"{made} of {subject.title} is made on a machine with its base: "
        f"export with {part}, then what was written with --platform local.",
    )


def export(context: Context, plan: ExportPlan, folder: Path) -> Exported:
    """Bring the output of a job into a folder.

    Raises:
        MlccError: it is gone or damaged, or another number format is asked for.
        PlatformError: it cannot be read, or the disk refuses.
    """
    output = plan.subject.output
    problem = lacks(context, plan.subject, plan.form)
    if output is None or problem is not None:
        raise problem or MlccError(f"{plan.subject.title} left nothing to export.")
    if plan.dtype is not None:
        raise MlccError(
            "What a job of SageMaker left is written as it is.",
            where="--dtype",
            hint="leave out --dtype",
        )
    scratch = Path(tempfile.mkdtemp(prefix=".download-", dir=folder))
    try:
        if plan.form == "adapter":
            return _write_adapter(context, plan, output, scratch, folder)
        return _write_model(context, output, scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _write_adapter(
    context: Context, plan: ExportPlan, output: Output, scratch: Path, folder: Path
) -> Exported:
    brought = download(context, find_adapter(context, output.path), scratch)
    check_adapter(brought)
    model = plan.subject.model
    with disk_errors(folder, doing="write the export"):
        adapter_files.write(brought, context.hub_id(model) or model, folder)
        clean.clean(folder, [OF_THE_JOB])
    lines = loads.of_adapter(context, model, folder, plan.name, "{path}")
    return Exported(None, lines, (NOT_ASKED,))


def _write_model(context: Context, output: Output, scratch: Path, folder: Path) -> Exported:
    brought = download(context, find_whole(context, output.path), scratch)
    for file in sorted(brought.glob("*.safetensors")):
        read_tensors(file)
    with disk_errors(folder, doing="write the export"):
        for path in brought.iterdir():
            path.rename(folder / path.name)
        clean.clean(folder, [OF_THE_JOB])
    dtype = str(read_config(folder).get("torch_dtype") or read_config(folder).get("dtype"))
    known = cast("ExportFormat", dtype) if dtype in get_args(ExportFormat) else None
    return Exported(None, loads.of_model("{path}"), (NOT_ASKED,), known)


def _merged_by_the_job(context: Context, output: Output) -> bool:
    """Return whether a job left a merged model beside its adapter, as recipes may."""
    try:
        find_whole(context, output.path)
    except PlatformError:
        raise
    except MlccError:
        return False
    return True
