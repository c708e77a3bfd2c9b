"""``--status``: all tracked jobs as their platforms describe them now."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.job.tracking import tracked_techniques
from mlcc_core.contract.job import Progress
from mlcc_core.contract.platform import JobNotFound, Platform
from mlcc_core.errors import MlccError
from mlcc_core.project.records import read_record


@dataclass(frozen=True, slots=True)
class JobRow:
    """A tracked job.

    Attributes:
        technique, job, platform: which.
        status: as the platform says it; ``unknown`` when it cannot be asked, ``missing`` when
            it has no such job.
        phase: the platform's own word for what is going on.
        progress: how far.
        output: where the result lies.
        reason: why it failed, or cannot be asked.
    """

    technique: str
    job: str
    platform: str
    status: str
    progress: Progress | None = None
    output: str | None = None
    reason: str | None = None
    phase: str = ""


def job_rows(session: Session, executor: Executor) -> list[JobRow]:
    """A row for each technique that has a job, asked all at once."""
    tracked = tracked_techniques(session.project)
    return list(executor.map(lambda item: _row(session, *item), sorted(tracked.items())))


def platform_of(session: Session, job: str) -> Platform:
    """The platform that runs ``job``, by its record; without one, the session's.

    Raises:
        MlccError: that platform is not installed.
    """
    record = read_record(session.project, job)
    return session.platform if record is None else session.plugins.platform(record.platform)


def _row(session: Session, technique: str, job: str) -> JobRow:
    platform = session.platform.name
    try:
        runs_on = platform_of(session, job)
        platform = runs_on.name
        state = runs_on.describe(session.context, job)
    except JobNotFound as error:
        return JobRow(technique, job, platform, "missing", reason=error.what)
    except MlccError as error:
        return JobRow(technique, job, platform, "unknown", reason=error.what)
    return JobRow(
        technique,
        job,
        platform,
        state.status,
        state.progress,
        state.artifacts,
        state.reason.splitlines()[0] if state.reason else None,
        state.phase,
    )
