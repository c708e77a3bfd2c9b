"""The dataset of a plan: what it means, whether it is used in place, and staging it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mlcc_core.actions.requests import CheckRequest, DatasetRequest
from mlcc_core.actions.settings import require_settings
from mlcc_core.actions.tune.plan.rows import RowCount, rejects_path, saved_ledger
from mlcc_core.contract.job import DatasetRef
from mlcc_core.contract.platform.values import InPlaceRead
from mlcc_core.contract.technique.schema import FlattenRules
from mlcc_core.helpers.text import shown_uri
from mlcc_core.staging import (
    Conversion,
    DatasetJob,
    EvaluatorValues,
    StagingProgress,
    StagingReport,
    parse_column_map,
    preview,
    stage,
    validate_in_place,
)
from mlcc_core.staging.model.request import quote
from mlcc_core.staging.model.row_check import RowCheck
from mlcc_core.staging.run.forms import choose_form
from mlcc_core.staging.run.head import try_first_rows

if TYPE_CHECKING:
    from mlcc_core.actions.session import Session
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
        in_place_read: whether the platform reads it as it is; otherwise it is staged.
    """

    job: DatasetJob
    preview: DatasetPreview
    in_place_read: InPlaceRead

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
        MlccError: the column map cannot be understood.
    """
    return Conversion(
        column_map=() if request.column_map is None else parse_column_map(request.column_map),
        transform=request.transform,
        on_misfit=request.on_misfit,
        extract_prompt=request.extract_prompt,
        from_messages=request.from_messages,
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
    source = plugins.source_for(request.dataset)
    require_settings(source, access.settings)
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
    schema = choose_form(job, forms, model, named_only=named_only)
    return dataclasses.replace(job, schema=schema, flatten=technique.flatten_rules(schema))


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
    source = plugins.source_for(request.dataset)
    require_settings(source, access.settings)
    return _listed(source, request.dataset, access, request.command, conversion_of(request))


def _listed(
    source: Source, uri: str, access: Access, command: str, conversion: Conversion
) -> Listing:
    """List the files of a dataset; a source that suggests another does not know the command."""
    from mlcc_core.contract.source import OtherUri

    try:
        return source.list(uri, access)
    except OtherUri as error:
        error.hint = " ".join(
            [command, f"--dataset {quote(shown_uri(error.uri))}", *conversion.flags()]
        )
        raise


def look_at(job: DatasetJob, session: Session) -> Dataset:
    """Inspect a dataset; its problems stand in the inspection."""
    found = preview(job)
    _try_skip(job, found)
    if not found.plain:
        return Dataset(job, found, InPlaceRead())
    return Dataset(job, found, session.platform.store.reads_in_place(session.context, job.listing))


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
    full: bool,
    progress: Callable[[StagingProgress], None],
) -> Prepared:
    """Validate a dataset in place, or stage it unless it is staged already.

    Args:
        dataset: the dataset as it was previewed.
        session: the project, its plugins and its platform.
        full: validate every line of a dataset in place; otherwise its first ten.
        progress: takes a report after each batch.

    Raises:
        DatasetError: rows that are wrong; nothing is left behind.
        PlatformError: the source or the staging area fails.
    """
    key = dataset.preview.key
    if dataset.in_place is not None:
        report = validate_in_place(dataset.job, preview=dataset.preview, full=full)
        ref = DatasetRef(dataset.in_place, key, report.rows if full else None)
        return _prepared(ref, report, RowCount(report.ledger, whole=full))
    rejects = rejects_path(session.project, key)
    found = session.platform.store.find_staged(session.context, key)
    if found is not None:
        note = f"Already staged, {found.rows:,} rows: {found.uri}"
        notes = (*dataset.preview.notes, note)
        notes += _dropped(dataset.preview.dropped)
        ref = DatasetRef(found.uri, key, found.rows)
        rows = RowCount(
            saved_ledger(found.record.get("ledger")), rejects if rejects.exists() else None
        )
        return Prepared(ref, _evaluators(found.record), rows, notes, dataset.preview.warnings)
    with session.platform.store.stage(session.context, key) as sink:
        report = stage(
            dataset.job, sink.file, preview=dataset.preview, rejects=rejects, progress=progress
        )
        uri = sink.commit(
            {
                "rows": report.rows,
                "bytes": report.bytes,
                "source": dataset.job.listing.shown,
                "revision": dataset.job.listing.revision,
                "ledger": dataclasses.asdict(report.ledger),
                "evaluators": dataclasses.asdict(report.evaluators),
            }
        )
    return _prepared(DatasetRef(uri, key, report.rows), report, RowCount(report.ledger, rejects))


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
