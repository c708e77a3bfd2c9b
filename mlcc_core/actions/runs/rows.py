"""``runs list``: every run of a project, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

from mlcc_core.actions.money.bill import saved_bill
from mlcc_core.actions.runs.compare.evaluated import Evaluated, in_short, latest_evaluation
from mlcc_core.actions.runs.compare.held_out import HeldOut, held_out_of
from mlcc_core.actions.runs.compare.settings import Difference, changes_since
from mlcc_core.actions.runs.find import read_records
from mlcc_core.actions.runs.tracking import tracked_techniques
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.job.status import JobRow, rows_of
from mlcc_core.contract.job import JobState, JobStatus
from mlcc_core.helpers.names import unknown_name
from mlcc_core.project.records import RunRecord, read_record, record_path

INTERRUPTED = "interrupted"
STATUSES = (*get_args(JobStatus), INTERRUPTED, "unknown", "missing")
"""The states of a run: ``interrupted`` where a failed one can go on, ``unknown`` where its platform
cannot be asked, ``missing`` where that has no such job."""


@dataclass(frozen=True)
class RunsRequest:
    """One call of ``runs list``.

    Attributes:
        technique: only runs of this one.
        status: only runs in this state.
    """

    technique: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run, in short.

    Attributes:
        job: its name on the platform.
        technique: of the run.
        platform: the name of the platform that ran it.
        status: as its platform reports it, else one of the other :data:`STATUSES`.
        tracked: it is the run that its technique's name stands for.
        when: it was sent, in seconds since 1970, UTC.
        rows: that it trains on; ``None`` where they were not counted.
        metrics: its last numbers, the loss among them.
        output: where the result lies.
        reason: why it failed, or cannot be asked.
        held_out: the number of held-out rows that judges it.
        cost: US dollars that it was to cost; ``None`` where that was not known.
        spent: US dollars that it has cost; ``None`` where the platform did not tell.
        evaluation: the result that decides of its latest evaluation.
        changed: the settings that it has otherwise than the run of its technique before it;
            ``None`` where there is none before it.
    """

    job: str
    technique: str
    platform: str
    status: str
    tracked: bool
    when: float
    rows: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    output: str | None = None
    reason: str | None = None
    held_out: HeldOut | None = None
    cost: float | None = None
    spent: float | None = None
    evaluation: Evaluated | None = None
    changed: tuple[Difference, ...] | None = None


def list_runs(session: Session, request: RunsRequest | None = None) -> list[RunRow]:
    """List the runs of a project, the newest first; those that are not over are asked for.

    A record that cannot be read is told to ``session.say``, and the others are listed.

    Raises:
        MlccError: there is no such technique or state.
        PlatformError: the records cannot be read.
    """
    request = request or RunsRequest()
    _check(session, request)
    records = {
        record.job: record
        for record in read_records(session.project, session.say)
        if request.technique in (None, record.technique)
    }
    asked = rows_of(
        session, {job: record.technique for job, record in records.items() if not is_over(record)}
    )
    tracked = set(tracked_techniques(session.project).values())
    before = _runs_before(session, records.values())
    rows = [
        _row(session, read_record(session.project, job) or record, asked.get(job), job in tracked)
        for job, record in records.items()
    ]
    chosen = [
        replace(
            row,
            evaluation=in_short(latest_evaluation(session, row.job)),
            changed=changes_since(records[row.job], before[row.job]) if row.job in before else None,
        )
        for row in rows
        if request.status in (None, row.status)
    ]
    return sorted(chosen, key=lambda row: (row.when, row.job), reverse=True)


def _runs_before(session: Session, records: Iterable[RunRecord]) -> dict[str, RunRecord]:
    """Return the run before each run, of the same technique, by the name of the later one."""
    latest: dict[str, RunRecord] = {}
    found = {}
    for record in sorted(records, key=lambda record: (when(session, record), record.job)):
        if record.technique in latest:
            found[record.job] = latest[record.technique]
        latest[record.technique] = record
    return found


def is_over(record: RunRecord) -> bool:
    """Return whether a run has ended, as its record says."""
    return JobState(record.job, record.status).final


def _check(session: Session, request: RunsRequest) -> None:
    known = {*session.plugins.techniques, *tracked_techniques(session.project)}
    if request.technique is not None and request.technique not in known:
        known |= {record.technique for record in read_records(session.project, session.say)}
        if request.technique not in known:
            raise unknown_name("technique", request.technique, known, where="--technique")
    if request.status is not None and request.status not in STATUSES:
        raise unknown_name("status", request.status, STATUSES, where="--status")


def _row(session: Session, record: RunRecord, asked: JobRow | None, tracked: bool) -> RunRow:
    return RunRow(
        job=record.job,
        technique=record.technique,
        platform=record.platform,
        status=_status(record) if asked is None else asked.status,
        tracked=tracked,
        when=when(session, record),
        rows=record.rows,
        metrics=record.metrics,
        output=output_path(record),
        reason=record.reason if asked is None else asked.reason,
        held_out=held_out_of(record.metrics),
        cost=saved_bill(record.cost).amount,
        spent=saved_bill(record.spent).amount,
    )


def output_path(record: RunRecord) -> str | None:
    """Return where the output of a run lies: a model, or what a script has left."""
    if record.output is not None:
        return record.output.path
    return None if record.script is None else record.script.output


def _status(record: RunRecord) -> str:
    return INTERRUPTED if record.interrupted else record.status


def when(session: Session, record: RunRecord) -> float:
    """Return when a run was sent, else when its record was written, in seconds since 1970."""
    if record.created is not None:
        return record.created
    path = record_path(session.project, record.job)
    return path.stat().st_mtime if path.exists() else 0.0
