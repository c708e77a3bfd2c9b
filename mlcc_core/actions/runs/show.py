"""``runs show``: everything that is known of one run."""

from __future__ import annotations

from dataclasses import dataclass

from mlcc_core.actions.jobs import find_name
from mlcc_core.actions.runs.rows import is_over
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.job.status import rows_of
from mlcc_core.errors import MlccError
from mlcc_core.project.records import RunRecord, read_record


@dataclass(frozen=True)
class RunRequest:
    """One call of ``runs show``.

    Attributes:
        run: the job's name or its unique start, or the technique whose tracked job it is.
    """

    run: str


def show_run(session: Session, request: RunRequest) -> RunRecord:
    """Return the record of a run; its platform is asked for one that is not over.

    Raises:
        MlccError: no run is meant, or several; or its record is not on this machine.
    """
    record = record_of(session, request.run, "runs show")
    if not is_over(record):
        row = rows_of(session, {record.job: record.technique})[record.job]
        if row.status in ("unknown", "missing"):
            session.say(f"⚠️  {row.reason or row.status}")
        record = read_record(session.project, record.job) or record
    return record


def record_of(session: Session, run: str, command: str) -> RunRecord:
    """Return the record of the run that ``run`` means.

    Args:
        session: the project.
        run: a technique, for its tracked job; else a job's name or a unique start of it.
        command: the command that asks, for messages: ``runs show``.

    Raises:
        MlccError: none is meant, or several; or its record is not on this machine.
    """
    name = find_name(session, run, command)
    record = read_record(session.project, name)
    if record is None:
        raise MlccError(
            f"The record of {name} is not on this machine; the job itself is tracked.",
            hint=f"mlcc wait {name}   # how it stands",
        )
    return record
