"""A dataset in two parts: rows to train on, and rows that are held out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mlcc_core.actions.requests import CheckRequest
from mlcc_core.actions.tune.plan.held_out.choice import (
    FLAG,
    NONE,
    HeldOut,
    OtherDataset,
    enough_rows,
    same_dataset,
    source_of_rows,
)
from mlcc_core.actions.tune.plan.held_out.content import divided_key
from mlcc_core.actions.tune.plan.rows import OTHER_ROWS, SHARED_ROWS
from mlcc_core.contract.job import DatasetRef
from mlcc_core.contract.platform.values import InPlaceRead
from mlcc_core.contract.source import OtherUri
from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.staging import StagingProgress, StagingReport, preview, stage
from mlcc_core.staging.run.held_out import HeldOutPart, RowHashes

if TYPE_CHECKING:
    from mlcc_core.actions.requests import DatasetRequest
    from mlcc_core.actions.session import Session, Workspace
    from mlcc_core.actions.tune.plan.dataset import Dataset
    from mlcc_core.contract.technique.schema import TargetModel
    from mlcc_core.loader.bound_hooks import BoundTechnique
    from mlcc_core.staging import DatasetJob, DatasetPreview

Progress = Callable[[StagingProgress], None]


def find_held_out(
    job: DatasetJob,
    found: DatasetPreview,
    workspace: Workspace,
    request: DatasetRequest,
    technique: BoundTechnique,
    model: TargetModel,
) -> HeldOut:
    """Decide which rows of a dataset are held out, as far as that can be told before staging.

    Args:
        job: the dataset.
        found: the preview of it.
        workspace: the plugins and the platform.
        request: what was asked.
        technique: its hooks.
        model: to customise.

    Raises:
        MlccError: what was asked cannot be understood, or the other dataset cannot be used.
        PlatformError: a source cannot be reached.
    """
    trains_here = workspace.platform is not None and workspace.platform.trains_here
    asked, rows = source_of_rows(request, job.listing, trains_here=trains_here)
    mend = request.command_line(validation=NONE)
    if isinstance(rows, str):
        other = _other(rows, job, workspace, request, technique, model)
        if error := same_dataset(other, found, mend):
            raise error
        return HeldOut(asked, other=other, mend=mend)
    if rows is None or not enough_rows(rows, job, found):
        return HeldOut(asked)
    return HeldOut(asked, rows, mend=mend)


def _other(
    uri: str,
    job: DatasetJob,
    workspace: Workspace,
    request: DatasetRequest,
    technique: BoundTechnique,
    model: TargetModel,
) -> OtherDataset:
    """Look at another dataset, which is converted by the rules of the first one."""
    from mlcc_core.actions.tune.plan.dataset import dataset_job

    evaluators = {argument.option.key for argument in technique.evaluator_args()}
    checked = CheckRequest(
        technique=request.technique,
        dataset=uri,
        model=request.model,
        values={key: value for key, value in request.values.items() if key in evaluators},
        column_map=request.column_map,
        transform=request.transform,
        on_misfit=request.on_misfit,
        extract_prompt=request.extract_prompt,
        from_messages=request.from_messages,
    )
    try:
        other = dataset_job(
            workspace.plugins,
            workspace.access,
            checked,
            technique,
            model,
            named_only=workspace.insists_on_catalog,
        )
    except MlccError as error:
        _name_flag(error)
        if isinstance(error, OtherUri):
            error.hint = request.command_line(validation=error.uri)
        raise
    other = dataclasses.replace(other, schema=job.schema, flatten=job.flatten)
    found = preview(other)
    for problem in found.problems:
        _name_flag(problem)
    return OtherDataset(other, found)


def _name_flag(error: MlccError) -> None:
    """Let an error say by which flag the dataset was named."""
    if error.where == "--dataset":
        error.where = FLAG


def with_parts(dataset: Dataset, held_out: HeldOut) -> Dataset:
    """Return a dataset of which rows are held out: it is staged, under a key of its own."""
    if not held_out.any:
        return dataclasses.replace(dataset, held_out=held_out)
    key = divided_key(dataset.content, held_out.identity)
    placed = dataset.in_place_read
    if placed.uri is not None:
        shown = dataset.job.listing.shown
        placed = InPlaceRead(
            note="The rows are copied in two parts, because some are held out; "
            f"with --validation none, jobs read {shown} where it is."
        )
    found = dataclasses.replace(dataset.preview, key=key)
    return dataclasses.replace(
        dataset,
        preview=found,
        in_place_read=placed,
        held_out=held_out,
        undivided=None,
    )


def stage_parts(
    dataset: Dataset, session: Session, rejects: Path, progress: Progress
) -> tuple[DatasetRef, StagingReport, tuple[int | None, int]]:
    """Stage a dataset with the rows that are held out.

    Args:
        dataset: to be staged.
        session: the project and its platform.
        rejects: takes the rows that are left out on request.
        progress: takes a report after each batch.

    Returns:
        Where it is, the report on the dataset, and of the other dataset, if there is one, the
        number of rows, and of those whose prompt is trained on, too.

    Raises:
        DatasetError: rows that are wrong; nothing is left behind.
        PlatformError: the source or the staging area fails.
    """
    store, context, key = session.platform.store, session.context, dataset.preview.key
    held_out = dataset.held_out
    if not held_out.any:
        with store.stage(context, key) as sink:
            report = stage(
                dataset.job, sink.file, preview=dataset.preview, rejects=rejects, progress=progress
            )
            uri = sink.commit(record_of(dataset.job, report))
        return DatasetRef(uri, key, report.rows), report, (None, 0)
    prompts, trained = RowHashes(), RowHashes() if held_out.other is not None else None
    with store.stage_parts(context, key) as parts:
        report = stage(
            dataset.job,
            parts.training.file,
            preview=dataset.preview,
            rejects=rejects,
            progress=progress,
            held_out=_part(held_out, session, parts.validation.file),
            prompts=trained,
        )
        others, shared = None, 0
        record: Mapping[str, object] = {"rows": report.ledger.held_out}
        if held_out.other is not None and trained is not None:
            other = held_out.other
            beside = stage(other.job, parts.validation.file, preview=other.preview, prompts=prompts)
            others, record = beside.rows, record_of(other.job, beside)
            shared = prompts.meets(trained)
        uri, place = parts.commit(
            {**record_of(dataset.job, report), OTHER_ROWS: others, SHARED_ROWS: shared},
            record if record["rows"] else None,
        )
    return DatasetRef(uri, key, report.rows, place), report, (others, shared)


def record_of(job: DatasetJob, report: StagingReport) -> Mapping[str, object]:
    """Return what is kept beside a staged dataset."""
    return {
        "rows": report.rows,
        "bytes": report.bytes,
        "source": job.listing.shown,
        "revision": job.listing.revision,
        "ledger": dataclasses.asdict(report.ledger),
        "evaluators": dataclasses.asdict(report.evaluators),
    }


def _part(held_out: HeldOut, session: Session, sink: BinaryIO) -> HeldOutPart | None:
    if held_out.rule is None:
        return None
    scratch = session.project.state_folder
    with disk_errors(scratch):
        scratch.mkdir(parents=True, exist_ok=True)
    return HeldOutPart(held_out.rule, sink, held_out.mend, scratch)
