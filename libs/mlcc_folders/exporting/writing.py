"""Models written by a process of the engine; adapters are copied here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from mlcc_core import (
    Context,
    Exported,
    ExportFormat,
    ExportPlan,
    MlccError,
    Output,
    PlatformError,
    Subject,
)
from mlcc_core.helpers import disk_errors
from mlcc_engine import request
from mlcc_engine.export import adapter_files, gguf
from mlcc_engine.start import lineage
from mlcc_folders.answering.asking import Died, Process
from mlcc_folders.answering.marks import mark_of, mark_of_adapter
from mlcc_folders.answering.subjects import weights_of
from mlcc_folders.exporting import loads
from mlcc_folders.job.folders import JobFolder, jobs_folder
from mlcc_folders.serving.weights import check_adapter

MODULE = "mlcc_engine.export"

FOUR_BITS = (
    "ℹ️  The adapter was trained on its base in 4 bits, and is merged into the unrounded base: "
    "answers may differ a little from those of the training."
)
OVER_A_FOLDER = (
    "⚠️  Its base has no name on the Hub: give others {base}, too, or export with --form merged."
)
NOT_READ = "ℹ️  It was not asked again: transformers cannot read the GGUF of this model ({why})."
READ = "ℹ️  Asked again: the weights of the GGUF, read back by transformers."
DIFFERS = "⚠️  In the GGUF, {what} differs from the model's: llama.cpp may answer otherwise."


def write_adapter(context: Context, plan: ExportPlan, folder: Path) -> Exported:
    """Copy an adapter's own files.

    Raises:
        MlccError: it is not a sound adapter.
        PlatformError: the disk refuses.
    """
    weights = weights_of(context, plan.subject)
    adapter = Path(str(weights["adapter"]))
    check_adapter(adapter)
    with disk_errors(doing="write the export"):
        base = adapter_files.write(adapter, weights["model"], folder)
    lines = () if base else (OVER_A_FOLDER.format(base=weights["model"]),)
    subject = Subject(
        plan.name,
        plan.subject.model,
        mark_of_adapter(context, folder, plan.subject.model),
        Output("adapter", str(folder)),
    )
    model = plan.subject.model
    return Exported(
        subject, loads.of_adapter(context, model, folder, plan.name, "{path}"), tuple(lines)
    )


def write_merged(context: Context, plan: ExportPlan, folder: Path) -> Exported:
    """Write a whole model in the layout of the Hub; errors as of ``Exporting.export``."""
    arguments = {**_weights(context, plan), "folder": str(folder)}
    with _Work(context) as work:
        done = work.do(
            "merged", {**arguments, "dtype": plan.dtype, "shard_bytes": plan.shard_bytes}
        )
    return Exported(
        _whole(context, plan, folder),
        loads.of_model("{path}"),
        _about_the_training(context, plan),
        cast("ExportFormat", done["dtype"]),
    )


def write_gguf(context: Context, plan: ExportPlan, folder: Path) -> Exported:
    """Write a file for llama.cpp and Ollama; errors as of ``Exporting.export``."""
    dtype: ExportFormat = plan.dtype or gguf.DEFAULT
    file = {"folder": str(folder), "name": plan.name, "dtype": dtype}
    with _Work(context) as work:
        place = {"folder": str(folder), "dtype": dtype}
        work.do("merge_for_gguf", {**_weights(context, plan), **place})
        work.rest()
        work.do("convert", file)
        work.rest()
        again = work.do("read_again", file)
    lacks, wrong = again["lacks"], " and ".join(again["wrong"])
    lines = [NOT_READ.format(why=lacks) if lacks else READ]
    if wrong:
        lines.append(DIFFERS.format(what=wrong))
    return Exported(
        None if lacks else _whole(context, plan, folder / gguf.AGAIN),
        loads.of_gguf(plan.name),
        (*_about_the_training(context, plan), *lines),
        dtype,
        (gguf.MERGED, gguf.AGAIN),
    )


class _Work:
    """The process of the engine for the time of an export."""

    def __init__(self, context: Context) -> None:
        self._process = Process(context.root.resolve(), MODULE, "exports")

    def __enter__(self) -> _Work:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.close()

    def rest(self) -> None:
        """Give back the memory that a task took."""
        self._process.close()

    def do(self, task: str, arguments: Mapping[str, object]) -> Mapping[str, Any]:
        """Do a task; return its result.

        Raises:
            MlccError: in the words of the process.
            PlatformError: it has died.
        """
        try:
            results = [each for some in self._process.ask(task, arguments) for each in some]
        except Died as died:
            raise died.error from None
        return dict(results[0][1] or {})


def _weights(context: Context, plan: ExportPlan) -> Mapping[str, Any]:
    weights = weights_of(context, plan.subject)
    if weights["adapter"] is not None:
        check_adapter(Path(weights["adapter"]))
    return weights


def _whole(context: Context, plan: ExportPlan, folder: Path) -> Subject:
    return Subject(
        plan.name, str(folder), mark_of(context, str(folder)), Output("model", str(folder))
    )


def _about_the_training(context: Context, plan: ExportPlan) -> tuple[str, ...]:
    """Say what of the training a merge cannot keep."""
    output = plan.subject.output
    made = None if output is None else lineage.read(Path(output.path))
    if made is None or output is None or output.kind != "adapter":
        return ()
    try:
        trained = request.read(JobFolder(jobs_folder(context.root) / made.job).path)
    except (MlccError, PlatformError):
        return ()
    return (FOUR_BITS,) if trained.quantize == "4bit" else ()
