"""The dataset of a plan: what it means, whether it is used in place, and staging it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from mlcc_core.actions.requests import TAKE, CheckRequest, DatasetRequest
from mlcc_core.actions.settings import require_settings
from mlcc_core.actions.tune.plan.held_out.choice import HeldOut
from mlcc_core.actions.tune.plan.held_out.parts import stage_parts
from mlcc_core.actions.tune.plan.hints import command_with_uri
from mlcc_core.actions.tune.plan.rows import RowCount, limit_of, rejects_path, saved_rows
from mlcc_core.contract.job import DatasetRef
from mlcc_core.contract.platform.values import InPlaceRead
from mlcc_core.contract.technique.schema import FlattenRules
from mlcc_core.staging import (
    Conversion,
    DatasetJob,
    EvaluatorValues,
    StagingProgress,
    StagingReport,
    parse_column_map,
    preview,
    validate_in_place,
)
from mlcc_core.staging.model.row_check import RowCheck
from mlcc_core.staging.run.look.forms import choose_form
from mlcc_core.staging.run.look.head import try_first_rows

if TYPE_CHECKING:
    from mlcc_core.actions.session import Session
    from mlcc_core.actions.tune.plan.request import Validate
    from mlcc_core.contract.source import Access, Listing, Source
    from mlcc_core.contract.technique.schema import TargetModel
    from mlcc_core.loader.bound_hooks import BoundTechnique
    from mlcc_core.loader.manager import Plugins
    from mlcc_core.staging.run.preview import DatasetPreview


@dataclass(frozen=True)
class Dataset:
    """A dataset that was looked at.

    Attributes:
        job: what the staging pipeline is asked for.
        preview: of listings, footers and first rows; staging goes on from it.
        content: the content address of all rows, whichever are held out.
        in_place_read: whether the platform reads it as it is; otherwise it is staged.
        held_out: the rows that are not trained on.
        undivided: the URI where the platform could read all rows as they are, those that are not
            taken included; ``None`` where some are held out.
    """

    job: DatasetJob
    preview: DatasetPreview
    content: str
    in_place_read: InPlaceRead
    held_out: HeldOut = field(default_factory=HeldOut)
    undivided: str | None = None

    @property
    def in_place(self) -> str | None:
        """Return the URI where the platform reads it as it is; ``None`` where it is staged."""
        return self.in_place_read.uri


@dataclass(frozen=True)
class Prepared:
    """A dataset that is ready to be trained on.

    Attributes:
        ref: where the platform reads it.
        evaluators: what its evaluator column names.
        rows: what became of each.
        notes, warnings: what the user should know.
    """

    ref: DatasetRef
    evaluators: EvaluatorValues
    rows: RowCount
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def conversion_of(request: DatasetRequest) -> Conversion:
    """Return the conversion that a request's flags ask for.

    Raises:
        MlccError: the column map cannot be understood, or no row is to be taken.
    """
    wrong = None if request.take is None else TAKE.check(request.take)
    if wrong is not None:
        wrong.hint = f"{request.command_line(take=None)}   # all rows"
        raise wrong
    return Conversion(
        column_map=() if request.column_map is None else parse_column_map(request.column_map),
        transform=request.transform,
        on_misfit=request.on_misfit,
        extract_prompt=request.extract_prompt,
        from_messages=request.from_messages,
        take=request.take,
    )


def dataset_job(
    plugins: Plugins,
    access: Access,
    request: DatasetRequest,
    technique: BoundTechnique,
    model: TargetModel,
    *,
    named_only: bool,
    listing: Listing | None = None,
) -> DatasetJob:
    """List the files of the dataset and put together what the pipeline is asked for.

    Args:
        plugins: among them the dataset's source.
        access: settings and secrets for it.
        request: the dataset, and how it is converted.
        technique: its hooks.
        model: to customise.
        named_only: of several forms of a dataset, the platform takes the one of the catalog alone.
        listing: of files that were listed before; ``None`` lists them.

    Raises:
        MlccError: no source knows the URI, the dataset does not exist, a bad column map, none of
            the forms that the technique's datasets have.
        PlatformError: the source cannot be reached.
    """
    command = request.command
    conversion = conversion_of(request)
    source = _source(plugins, request.dataset, access, command, conversion)
    forms = technique.dataset_forms(model)
    evaluators = [argument.option for argument in technique.evaluator_args()]
    job = DatasetJob(
        source=source,
        listing=listing or _listed(source, request.dataset, access, command, conversion),
        access=access,
        schema=forms[0],
        flatten=FlattenRules(()),
        conversion=conversion,
        evaluator_given=any(option.key in request.values for option in evaluators),
        command=command,
        check_command=check_command(request),
        evaluator_flags=tuple(option.flag for option in evaluators),
        row_check=RowCheck(technique, model) if technique.checks_rows else None,
    )
    form = choose_form(job, forms, model, named_only=named_only)
    column_map = (*conversion.column_map, *form.taken)
    return dataclasses.replace(
        job,
        schema=form.schema,
        flatten=technique.flatten_rules(form.schema),
        conversion=dataclasses.replace(conversion, column_map=column_map),
        taken=form.taken,
        other_forms=form.others,
    )


def check_command(request: DatasetRequest) -> str | None:
    """Return the command that reports every error, without the dataset; ``None`` in it."""
    if isinstance(request, CheckRequest):
        return None
    return CheckRequest(request.technique, request.dataset, request.model).command


def list_files(plugins: Plugins, access: Access, request: DatasetRequest) -> Listing:
    """List the files of a dataset.

    Args:
        plugins: among them the dataset's source.
        access: settings and secrets for it.
        request: the dataset, and how it is converted.

    Raises:
        MlccError: no source knows the URI, the dataset does not exist, a bad column map.
        PlatformError: the source cannot be reached.
    """
    conversion = conversion_of(request)
    source = _source(plugins, request.dataset, access, request.command, conversion)
    return _listed(source, request.dataset, access, request.command, conversion)


def _source(
    plugins: Plugins, uri: str, access: Access, command: str, conversion: Conversion
) -> Source:
    """Return the source that reads a dataset, with all its settings there."""
    with command_with_uri(command, conversion):
        source = plugins.source_for(uri)
    require_settings(source, access.settings)
    return source


def _listed(
    source: Source, uri: str, access: Access, command: str, conversion: Conversion
) -> Listing:
    """List the files of a dataset."""
    with command_with_uri(command, conversion):
        return source.list(uri, access)


def look_at(job: DatasetJob, session: Session) -> Dataset:
    """Inspect a dataset; its problems stand in the inspection."""
    found = preview(job)
    _try_skip(job, found)
    if not found.plain:
        return Dataset(job, found, found.key, InPlaceRead())
    placed = session.platform.store.reads_in_place(session.context, job.listing)
    if job.conversion.take is not None:
        return Dataset(job, found, found.key, InPlaceRead(), undivided=placed.uri)
    return Dataset(job, found, found.key, placed)


def _try_skip(job: DatasetJob, found: DatasetPreview) -> None:
    """Take back a hint to skip rows that would leave none of the first ones."""
    skip = [p for p in found.problems if p.hint == job.command_with(on_misfit="skip")]
    if skip and not found.certain_problems() and not try_first_rows(job, found).kept:
        for problem in skip:
            problem.hint = job.check_hint()


def prepare(
    dataset: Dataset,
    session: Session,
    *,
    validate: Validate,
    progress: Callable[[StagingProgress], None],
    copying: Callable[[str], None],
) -> Prepared:
    """Validate a dataset in place, or stage it unless it is staged already.

    Args:
        dataset: the dataset as it was previewed.
        session: the project, its plugins and its platform.
        validate: how much of a dataset in place is read.
        progress: takes a report after each batch.
        copying: takes the platform's note on why a copy is staged, before one is.

    Raises:
        DatasetError: rows that are wrong; nothing is left behind.
        PlatformError: the source or the staging area fails.
    """
    key = dataset.preview.key
    if dataset.in_place is not None:
        report = validate_in_place(
            dataset.job,
            preview=dataset.preview,
            full=validate != "quick",
            limit=limit_of(dataset.job, validate),
            progress=progress,
        )
        rows = RowCount(report.ledger, held_out=dataset.held_out.in_words())
        ref = DatasetRef(dataset.in_place, key, report.rows if rows.whole else None)
        return _prepared(ref, report, rows)
    take = dataset.job.conversion.take
    rejects = rejects_path(session.project, key)
    found = session.platform.store.find_parts(session.context, key)
    if found is not None:
        note = f"Already staged, {found.rows:,} rows: {found.uri}"
        notes = (*dataset.preview.notes, note)
        notes += _dropped(dataset.preview.dropped)
        ref = DatasetRef(found.uri, key, found.rows, found.validation)
        rows = saved_rows(dataset, found.record, rejects if rejects.exists() else None)
        return Prepared(ref, _evaluators(found.record), rows, notes, dataset.preview.warnings)
    if dataset.in_place_read.note is not None:
        copying(dataset.in_place_read.note)
    ref, report, others = stage_parts(dataset, session, rejects, progress)
    held_out = dataset.held_out.in_words(report.ledger, *others)
    return _prepared(ref, report, RowCount(report.ledger, rejects, take, held_out))


def _prepared(ref: DatasetRef, report: StagingReport, rows: RowCount) -> Prepared:
    notes = report.notes + _dropped(report.dropped)
    return Prepared(ref, report.evaluators, rows, notes, report.warnings)


def _dropped(columns: tuple[str, ...]) -> tuple[str, ...]:
    return (f"Columns not written: {', '.join(columns)}",) if columns else ()


def _evaluators(record: Mapping[str, object]) -> EvaluatorValues:
    """Read the evaluator values of a dataset that was staged before from its record."""
    saved = cast("Mapping[str, object]", record.get("evaluators") or {})
    counts = cast("list[tuple[str, int]]", saved.get("counts") or [])
    return EvaluatorValues(
        counts=tuple((value, count) for value, count in counts),
        distinct=cast("int", saved.get("distinct", 0)),
        objects=cast("int", saved.get("objects", 0)),
    )
