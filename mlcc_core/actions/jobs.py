"""Find the job of a technique, stop it, read its log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlcc_core.actions.runs.tracking import tracked_techniques
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.job.status import job_context, platform_of, running_jobs
from mlcc_core.contract.job import JobState
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import unknown_name


@dataclass(frozen=True)
class JobRequest:
    """One call of ``stop`` or ``logs``.

    Attributes:
        technique: whose job; ``None`` where one alone is tracked, or one alone still runs.
        follow: for ``logs``: go on until the job ends.
    """

    technique: str | None = None
    follow: bool = False


@dataclass(frozen=True)
class TrackedJob:
    """A job that the project tracks.

    Attributes:
        name: its name.
        platform: where it runs.
    """

    name: str
    platform: Platform


@dataclass(frozen=True)
class StopResult:
    """The result of ``stop``.

    Attributes:
        job: the job's name.
        before: its state when it was looked at first; a final one is left as it is.
        after: its state now.
    """

    job: str
    before: JobState
    after: JobState


@dataclass(frozen=True)
class JobLog:
    """The log of a job.

    Attributes:
        job: the job's name.
        lines: read as they are asked for; with ``follow`` they end when the job does. Reading
            raises ``JobNotFound`` and ``PlatformError`` as the platform does.
    """

    job: str
    lines: Iterator[str]


def find_job(session: Session, technique: str | None, command: str) -> TrackedJob:
    """Return the tracked job of ``technique``, else the only one that is tracked or still runs.

    Args:
        session: the project.
        technique: its name, or ``None``.
        command: the command that asks, for messages: ``stop``.

    Raises:
        MlccError: no job is tracked, none for this technique, or several and none was named.
    """
    tracked = tracked_techniques(session.project)
    if not tracked:
        raise MlccError("No tune job is tracked in this project.", hint="./do/tune --help")
    if technique is None:
        technique = _only_technique(session, list(tracked), command)
    if technique not in tracked:
        techniques = session.plugins.techniques
        if technique not in techniques:
            raise unknown_name("technique", technique, techniques, hint="mlcc plugins")
        raise MlccError(
            f"No {technique} job is tracked in this project; there is: "
            f"{', '.join(sorted(tracked))}.",
            hint=f"mlcc {command} {min(tracked)}",
        )
    return TrackedJob(tracked[technique], platform_of(session, tracked[technique]))


def _only_technique(session: Session, tracked: list[str], command: str) -> str:
    chosen = tracked if len(tracked) == 1 else list(running_jobs(session))
    if len(chosen) == 1:
        return chosen[0]
    raise MlccError(
        f"{'Several jobs run' if chosen else 'Several jobs are tracked and none runs'}; "
        f"say which technique's: {', '.join(sorted(chosen or tracked))}.",
        hint=f"mlcc {command} {min(chosen or tracked)}",
    )


def stop(session: Session, request: JobRequest | None = None) -> StopResult:
    """Ask a job to stop; one that has ended is left as it is.

    Raises:
        MlccError: no such job; see :func:`find_job`.
        JobNotFound: the platform does not have it any more.
        PlatformError: it cannot be asked.
    """
    job = find_job(session, request.technique if request else None, "stop")
    runner, context = job.platform.runner, job_context(session, job.name)
    before = runner.describe(context, job.name)
    if not before.final:
        runner.stop(context, job.name)
    return StopResult(job.name, before, runner.describe(context, job.name))


def logs(session: Session, request: JobRequest | None = None) -> JobLog:
    """Read the log of a job.

    Raises:
        MlccError: no such job; see :func:`find_job`.
    """
    request = request or JobRequest()
    job = find_job(session, request.technique, "logs")
    return JobLog(job.name, _lines(session, job, request.follow))


def _lines(session: Session, job: TrackedJob, follow: bool) -> Iterator[str]:
    yield from job.platform.runner.logs(job_context(session, job.name), job.name, follow)
