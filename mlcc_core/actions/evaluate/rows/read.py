"""The rows that an evaluation asks: read, made unique, chosen by their content."""

from __future__ import annotations

import dataclasses
import heapq
import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO

from mlcc_core.actions.check import target_model_of
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.rows.samples import Row, has_prompt, row_of
from mlcc_core.actions.evaluate.targets import Pair, missing_technique
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.plan.dataset import dataset_job
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.technique.schema import ANY_VALUE, Column, DatasetSchema
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.text import plural, shown_uri
from mlcc_core.staging import stage

if TYPE_CHECKING:
    from mlcc_core.project.records import RunRecord


@dataclass(frozen=True)
class Rows:
    """The rows of an evaluation.

    Attributes:
        rows: those that are asked.
        label: the dataset that they are of, as it is shown.
        notes: lines about those that are not.
        unused: columns of the dataset that the rows lack.
    """

    rows: tuple[Row, ...]
    label: str
    notes: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opened:
    """Converted rows, to be read.

    Attributes:
        file: JSON lines.
        schema: of the technique.
        beside: names of columns that metrics alone read.
        unused: columns of the dataset that were not written.
    """

    file: BinaryIO
    schema: DatasetSchema
    beside: Collection[str] = ()
    unused: tuple[str, ...] = ()


def read_rows(
    session: Session,
    pair: Pair,
    request: EvaluateRequest,
    reporter: Reporter,
    columns: Collection[str] = (),
) -> Rows:
    """Read the rows of the dataset that is named, else those that the run held out.

    Args:
        session: the project and its plugins.
        pair: the models.
        request: as it was asked.
        reporter: takes the progress.
        columns: that are kept for metrics, whether or not the technique reads them.

    Raises:
        MlccError: there are none, or they do not fit the technique.
        PlatformError: they cannot be read.
    """
    if request.dataset is None:
        opening, label = _held_out(session, pair, request)
    else:
        opening = _converted(session, pair, request, request.dataset, reporter, columns)
        label = shown_uri(request.dataset)
    with opening as opened:
        found = rows_in(opened.file, opened.schema, opened.beside)
        rows, notes = choose(found, request.samples)
    if not rows:
        why = "" if has_prompt(opened.schema) else f": {_unmarked(opened.schema, pair)}"
        raise MlccError(f"{label} has no row with a prompt{why}.", where="--dataset")
    return Rows(tuple(rows), label, tuple(notes), opened.unused)


def _unmarked(schema: DatasetSchema, pair: Pair) -> str:
    """Return why no row of a form has a prompt: its technique does not say which column that is."""
    name = pair.run.technique if pair.run else pair.technique.name if pair.technique else ""
    columns = ", ".join(column.name for column in schema.columns)
    return f'technique {name!r} marks none of its columns ({columns}) with part="prompt"'


def rows_in(file: BinaryIO, schema: DatasetSchema, beside: Collection[str] = ()) -> Iterator[Row]:
    """Yield the rows of a staged dataset in their parts.

    Args:
        file: JSON lines.
        schema: of the technique.
        beside: names of columns that are not the technique's.

    Raises:
        PlatformError: a line is not a row, or the file cannot be read.
    """
    with disk_errors():
        for line in file:
            try:
                columns = json.loads(line)
            except ValueError:
                columns = None
            if not isinstance(columns, dict):
                raise PlatformError("A line of the staged rows is damaged, expected an object.")
            more = {name: columns.pop(name) for name in beside if name in columns}
            row = row_of(columns, schema)
            yield dataclasses.replace(row, beside=more) if more else row


def schema_of(session: Session, model: str, record: RunRecord) -> DatasetSchema:
    """Return the form of the rows that a run was trained on, for a base model."""
    technique = session.plugins.technique(record.technique)
    forms = technique.dataset_forms(target_model_of(session, model, technique.name))
    return next((form for form in forms if form.format == record.form), forms[0])


def choose(rows: Iterable[Row], samples: int | None) -> tuple[list[Row], list[str]]:
    """Return rows that are asked, in their order, and notes about others."""
    found: dict[str, Row] = {}
    twice = mute = 0
    for each in rows:
        same = found.get(each.key)
        differs = same is not None and same.beside != each.beside
        row = dataclasses.replace(each, twin=True) if differs else each
        if not row.prompt:
            mute += 1
        elif row.key in found:
            twice += 1
        else:
            found[row.key] = row
    notes = []
    if twice:
        notes.append(f"{plural(twice, 'row')} that another one repeats left out.")
    if mute:
        notes.append(f"{plural(mute, 'row')} without a prompt left out.")
    if samples is not None and samples < len(found):
        notes.append(f"{samples:,} of {plural(len(found), 'row')} taken, by their content.")
        taken = set(heapq.nsmallest(samples, found))
        return [row for key, row in found.items() if key in taken], notes
    return list(found.values()), notes


@contextmanager
def _opened(session: Session, pair: Pair, record: RunRecord, uri: str) -> Iterator[Opened]:
    with pair.platform.store.open_staged(pair.context, uri) as file:
        yield Opened(file, schema_of(session, pair.target.model, record))


def _held_out(
    session: Session, pair: Pair, request: EvaluateRequest
) -> tuple[AbstractContextManager[Opened], str]:
    run = pair.run
    if run is None:
        raise MlccError(
            f"{pair.target.title} has no held-out rows: no run tells any.",
            where="--dataset",
            hint=request.command_line(dataset="DATASET"),
        )
    if run.validation_uri is None:
        raise MlccError(
            f"No rows were held out of the training of {run.job}; expected a dataset that it was "
            "not trained on.",
            where="--dataset",
            hint=f"{request.command_line(targets=request.targets or (run.job,), dataset='DATASET')}"
            "   # or tune with --validation 0.1",
        )
    label = f"held-out rows of {run.dataset}" if run.dataset else f"held-out rows of {run.job}"
    return _opened(session, pair, run, run.validation_uri), label


@contextmanager
def _converted(
    session: Session,
    pair: Pair,
    request: EvaluateRequest,
    uri: str,
    reporter: Reporter,
    columns: Collection[str],
) -> Iterator[Opened]:
    """Convert a dataset as ``tune`` would for the same technique, and keep columns beside."""
    run, technique = pair.run, pair.technique
    if technique is None:
        raise missing_technique(session, request)
    asked = request.rows_request(technique.name, uri)
    evaluators = {argument.option.key for argument in technique.evaluator_args()}
    given = {} if run is None else {key: run.given[key] for key in evaluators & {*run.given}}
    asked = dataclasses.replace(asked, values=given)  # the run's evaluator scores every row
    job = dataset_job(
        session.plugins,
        session.access,
        asked,
        technique,
        target_model_of(session, pair.target.model, technique.name),
        named_only=pair.platform.insists_on_catalog,
    )
    # Without a run nothing is scored by an evaluator, and no flag of this command names one.
    job = dataclasses.replace(
        job, evaluator_given=job.evaluator_given or run is None, evaluator_flags=()
    )
    schema = job.schema
    kept = [] if schema.keep_other_columns else [n for n in columns if schema.column(n) is None]
    more = tuple(Column(name, ANY_VALUE, required=False) for name in kept)
    job = dataclasses.replace(
        job, schema=dataclasses.replace(schema, columns=(*schema.columns, *more))
    )
    with TemporaryFile() as file:
        report = stage(job, file, progress=reporter.staging)
        reporter.staged()
        for note in (*job.listing.notes, *report.notes):
            reporter.say(f"ℹ️  {note}")
        if report.dropped:
            reporter.say(f"ℹ️  Columns not used: {', '.join(report.dropped)}")
        for warning in report.warnings:
            reporter.say(f"⚠️  {warning}")
        file.seek(0)
        yield Opened(file, schema, kept, report.dropped)
