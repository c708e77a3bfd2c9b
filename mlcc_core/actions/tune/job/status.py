"""``--status``: all tracked jobs as their platforms describe them now."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Thread

from mlcc_core.actions.money.spent import record_spent
from mlcc_core.actions.runs.tracking import context_of, tracked_techniques
from mlcc_core.actions.session import Session
from mlcc_core.actions.train.left import remember_files
from mlcc_core.actions.tune.job.telling import tell
from mlcc_core.contract.job import JobState, Progress
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import first_line, one_line
from mlcc_core.project.records import read_record

PATIENCE = 30.0
"""Seconds in which platforms must have answered; a client of theirs may have no limit."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A tracked job.

    Attributes:
        technique: of the run.
        job: its name on the platform.
        platform: the name of the platform that runs it.
        status: as the platform reports it; ``interrupted`` for a failed job that can go on,
            ``unknown`` when it cannot be asked, ``missing`` when it has no such job.
        phase: the platform's own word for the state.
        progress: how far.
        output: where the result lies.
        reason: why it failed, or cannot be asked.
        running: it was asked, and is not over.
        saved_step: the step that an interrupted job goes on from; ``None`` for the beginning.
        go_on: the command that has an interrupted job go on.
    """

    technique: str
    job: str
    platform: str
    status: str
    progress: Progress | None = None
    output: str | None = None
    reason: str | None = None
    phase: str = ""
    running: bool = False
    saved_step: int | None = None
    go_on: str | None = None


def job_rows(session: Session, patience: float = PATIENCE) -> list[JobRow]:
    """Ask for each technique's tracked job; see :func:`rows_of`.

    Args:
        session: the project and its plugins.
        patience: seconds in which an answer must come; the row says so where none does.

    Returns:
        A row a job, in the order of the techniques' names.
    """
    tracked = sorted(tracked_techniques(session.project).items())
    rows = rows_of(session, {job: technique for technique, job in tracked}, patience)
    return [rows[job] for _, job in tracked]


def rows_of(
    session: Session, jobs: Mapping[str, str], patience: float = PATIENCE
) -> Mapping[str, JobRow]:
    """Ask for jobs, all at once; record their state, and tell plugins of what has happened.

    Args:
        session: the project and its plugins.
        jobs: the technique of each job, by its name.
        patience: seconds in which an answer must come; the row says so where none does.

    Returns:
        The row of each job, by its name.
    """
    rows: dict[str, JobRow] = {}

    def ask(job: str, technique: str) -> None:
        try:
            rows[job], state = _row(session, technique, job)
        except Exception as error:
            platform = session.platform.name
            rows[job] = JobRow(technique, job, platform, "unknown", reason=one_line(error))
            return
        if state is not None:
            _tell(session, job, state)
            _remember(session, job, state)

    # Daemons: the program ends without waiting for them, as one may hang for ever.
    threads = [Thread(target=ask, args=item, daemon=True) for item in jobs.items()]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return {
        job: rows.get(job) or _silent(session, technique, job, patience)
        for job, technique in jobs.items()
    }


def running_jobs(session: Session) -> Mapping[str, str]:
    """Name the tracked jobs that are not over, by technique, as far as platforms answer."""
    return {row.technique: row.job for row in job_rows(session) if row.running}


def _silent(session: Session, technique: str, job: str, patience: float) -> JobRow:
    try:
        platform = platform_of(session, job).name
    except MlccError:
        platform = session.platform.name
    reason = f"The platform {platform!r} did not answer within {patience:g} seconds."
    return JobRow(technique, job, platform, "unknown", reason=reason)


def platform_of(session: Session, job: str) -> Platform:
    """Return the platform that runs ``job``, by its record; without one, the session's.

    Raises:
        MlccError: that platform is not installed.
    """
    record = read_record(session.project, job)
    return session.platform if record is None else session.plugins.platform(record.platform)


def job_context(session: Session, job: str) -> Context:
    """Return the surroundings of a job, with the platform's flags that it was started with."""
    return context_of(session.context, read_record(session.project, job))


def _row(session: Session, technique: str, job: str) -> tuple[JobRow, JobState | None]:
    platform = session.platform.name
    try:
        runs_on = platform_of(session, job)
        platform = runs_on.name
        state = runs_on.runner.describe(job_context(session, job), job)
    except JobNotFound as error:
        return JobRow(technique, job, platform, "missing", reason=error.what), None
    except MlccError as error:
        return JobRow(technique, job, platform, "unknown", reason=error.what), None
    row = JobRow(
        technique,
        job,
        platform,
        "interrupted" if state.interrupted else state.status,
        state.progress,
        state.artifacts,
        first_line(state.reason) if state.reason else None,
        "" if state.interrupted else state.phase,
        running=not state.final,
        saved_step=state.saved_step,
        go_on=_go_on(session, technique, job) if state.interrupted else None,
    )
    return row, state


def _go_on(session: Session, technique: str, job: str) -> str:
    record = read_record(session.project, job)
    known = record.command if record is not None else None
    return known or f"./do/tune --technique {technique}"


def _remember(session: Session, job: str, state: JobState) -> None:
    try:
        record = record_spent(session, job, state)
        if record is not None and record.script is not None and state.status == "completed":
            remember_files(session.project, job, state)
    except MlccError as error:
        session.say(f"⚠️  The state of {job} cannot be recorded: {error.what}")


def _tell(session: Session, job: str, state: JobState) -> None:
    try:
        tell(session, job, state)
    except Exception as error:
        session.say(f"⚠️  The events of {job} cannot be told: {one_line(error)}")
