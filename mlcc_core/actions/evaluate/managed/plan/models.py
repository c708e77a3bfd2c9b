"""The models of a managed evaluation: runs and the base model; nothing has to be deployed."""

from __future__ import annotations

from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.targets import (
    AGAINST,
    TARGET,
    Pair,
    named_targets,
    platform_of_runs,
    same_model,
    technique_of_rows,
)
from mlcc_core.actions.named_models import no_such_model, run_named
from mlcc_core.actions.requests import BASE
from mlcc_core.actions.runs.job import job_of
from mlcc_core.actions.runs.tracking import context_of
from mlcc_core.actions.session import Session
from mlcc_core.contract.job import Output
from mlcc_core.contract.platform.answering import Subject
from mlcc_core.project.records import RunRecord


def find_pairs(session: Session, request: EvaluateRequest) -> list[Pair]:
    """Return two models for each target.

    Raises:
        MlccError: a name means neither a run nor the base model, or a run has no output.
        PlatformError: records cannot be read.
    """
    against = _record(session, request.against, AGAINST)
    return [_pair(session, request, text, against) for text in named_targets(session, request)]


def _pair(session: Session, request: EvaluateRequest, text: str, against: RunRecord | None) -> Pair:
    record = _record(session, text, TARGET)
    runs = tuple(run for run in (record, against) if run is not None)
    if not runs or len({None if run is None else run.job for run in (record, against)}) == 1:
        title = record.job if record is not None else BASE
        raise same_model(session, request, text, title, title)
    return Pair(
        target=_subject(session, record, runs[0]),
        against=_subject(session, against, runs[0]),
        job=record.job if record is not None else None,
        runs=runs,
        technique=technique_of_rows(session, request, runs[0]),
        platform=platform_of_runs(session, request, runs),
        context=context_of(session.context, runs[0]),
    )


def _record(session: Session, text: str, where: str) -> RunRecord | None:
    """Return the record of a run; ``None`` for the base model."""
    record = run_named(session, text, where)
    if record is None and text != BASE:
        raise no_such_model(session, text, where, f"nor {BASE!r}, which --managed takes")
    return record


def _subject(session: Session, record: RunRecord | None, first: RunRecord) -> Subject:
    """Return the model of a run; without one, the base of the first run."""
    if record is None or record.output is None:
        model = job_of(session, first).model
        return Subject(BASE, model, model)
    output = Output(record.output.kind, record.output.path)
    return Subject(record.job, job_of(session, record).model, output.path, output)
