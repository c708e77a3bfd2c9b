"""Find a job by its name, a start of it or its technique; stop it, read its log."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from mlcc_core.actions.evaluate.managed.job.record import job_names, read_job
from mlcc_core.actions.runs.find import find_run, run_names
from mlcc_core.actions.runs.tracking import tracked_techniques
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.job.status import job_context, platform_of, running_jobs
from mlcc_core.contract.job import JobState
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.names import close_matches


@dataclass(frozen=True)
class JobRequest:
    """One call of ``stop`` or ``logs``.

    Attributes:
        run: the job's name or its unique start, or the technique whose tracked job it is;
            ``None`` where one alone is tracked, or one alone still runs.
        follow: for ``logs``: go on until the job ends.
    """

    run: str | None = None
    follow: bool = False


@dataclass(frozen=True)
class TrackedJob:
    """A job that the project tracks.

    Attributes:
        name: its name.
        platform: where it runs.
        context: its surroundings, with the flags that it was started with.
    """

    name: str
    platform: Platform
    context: Context


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


def find_job(session: Session, run: str | None, command: str) -> TrackedJob:
    """Return the job that ``run`` names, else the only one that is tracked or still runs.

    A job of a managed evaluation is found by its name, or a start that no run has.

    Args:
        session: the project.
        run: as :func:`find_name` takes it, or ``None``.
        command: the command that asks, for messages: ``stop``.

    Raises:
        MlccError: no job is tracked, none is meant, or several and none was named.
    """
    if run is None:
        tracked = tracked_techniques(session.project)
        if not tracked:
            raise MlccError("No tune job is tracked in this project.", hint="./do/tune --help")
        run = _only_technique(session, list(tracked), command)
    evaluation = _evaluation_job(session, run)
    if evaluation is not None:
        return evaluation
    name = find_name(session, run, command)
    return TrackedJob(name, platform_of(session, name), job_context(session, name))


def _evaluation_job(session: Session, run: str) -> TrackedJob | None:
    """Return the job of a managed evaluation that ``run`` means alone."""
    names = [name for name in job_names(session.project) if run and name.startswith(run)]
    found = [run] if run in names else names
    if run in session.plugins.techniques or len(found) != 1:
        return None
    if any(name.startswith(run) for name in run_names(session.project)):
        return None
    record = read_job(session.project, found[0])
    if record is None:
        return None
    context = session.context
    context = dataclasses.replace(context, options={**record.options, **context.options})
    return TrackedJob(record.job, session.plugins.platform(record.platform), context)


def find_name(session: Session, run: str, command: str) -> str:
    """Return the name of the job that ``run`` means.

    Args:
        session: the project.
        run: a technique, for its tracked job; else a job's name or a unique start of it.
        command: the command that asks, for messages: ``stop``.

    Raises:
        MlccError: none is meant, or several.
    """
    tracked = tracked_techniques(session.project)
    if run in tracked or run in tracked.values():
        return tracked.get(run, run)
    techniques = session.plugins.techniques
    if run in techniques:
        there = f"; there is: {', '.join(sorted(tracked))}" if tracked else ""
        raise MlccError(
            f"No {run} job is tracked in this project{there}.",
            hint=f"mlcc {command} {min(tracked)}" if tracked else "./do/tune --help",
        )
    try:
        return find_run(session.project, run).job
    except PlatformError:
        raise
    except MlccError as error:
        close = close_matches(run, techniques)
        starts = any(name.startswith(run) for name in run_names(session.project))
        if not close or starts or "Did you mean" in error.what:
            raise
        what = f"{error.what} Did you mean the technique {close[0]!r}?"
        raise MlccError(what, hint=error.hint) from None


def _only_technique(session: Session, tracked: list[str], command: str) -> str:
    chosen = tracked if len(tracked) == 1 else list(running_jobs(session))
    if len(chosen) == 1:
        return chosen[0]
    raise MlccError(
        f"{'Several jobs run' if chosen else 'Several jobs are tracked and none runs'}; "
        f"say which: {', '.join(sorted(chosen or tracked))}.",
        hint=f"mlcc {command} {min(chosen or tracked)}",
    )


def stop(session: Session, request: JobRequest | None = None) -> StopResult:
    """Ask a job to stop; one that has ended is left as it is.

    Raises:
        MlccError: no such job; see :func:`find_job`.
        JobNotFound: the platform does not have it any more.
        PlatformError: it cannot be asked.
    """
    job = find_job(session, request.run if request else None, "stop")
    runner, context = job.platform.runner, job.context
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
    job = find_job(session, request.run, "logs")
    return JobLog(job.name, _lines(job, request.follow))


def _lines(job: TrackedJob, follow: bool) -> Iterator[str]:
    yield from job.platform.runner.logs(job.context, job.name, follow)
