"""``wait``: watch runs to their end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mlcc_core.actions.following.ends import failure
from mlcc_core.actions.jobs import TrackedJob, find_job
from mlcc_core.actions.money.spent import record_spent
from mlcc_core.actions.runs.ended import recorded_output
from mlcc_core.actions.runs.job import job_of
from mlcc_core.actions.session import Session
from mlcc_core.actions.train.left import remember_files
from mlcc_core.actions.tune.job.follow import TuneResult
from mlcc_core.actions.tune.job.next_steps import next_steps
from mlcc_core.actions.tune.job.resume import goes_on
from mlcc_core.actions.tune.job.status import job_context, running_jobs
from mlcc_core.actions.tune.job.telling import tell
from mlcc_core.actions.tune.job.watch import watch
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.job import JobState
from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_core.errors import Interrupted, JobError, MlccError, PlatformError, raise_all
from mlcc_core.project.project import Project
from mlcc_core.project.records import RunRecord, read_record, start_is_gone


@dataclass(frozen=True)
class WaitRequest:
    """One call of ``wait``.

    Attributes:
        runs: jobs' names, unique starts of them, or techniques for their tracked jobs; none: every
            tracked job that runs, else the only one that is tracked.
        timeout: seconds after which waiting ends, and the jobs go on; ``None`` for no limit.
        poll_interval: seconds between two looks at a job; ``None`` for the platform's own.
    """

    runs: tuple[str, ...] = ()
    timeout: float | None = None
    poll_interval: float | None = None


def wait(
    session: Session, request: WaitRequest | None = None, reporter: Reporter | None = None
) -> list[TuneResult]:
    """Watch runs until all of them are over, one after the other.

    Args:
        session: the project.
        request: by default every tracked job that runs.
        reporter: takes the news; by default lines on stderr.

    Returns:
        The result of each, in order; all have completed.

    Raises:
        MlccError: no run is meant, or several by one name.
        JobError: one failed or was stopped; all of them are over then.
        PlatformError: one cannot be asked, or runs on after the time that was given.
        Interrupted: Ctrl-C; the jobs go on.
    """
    return Waiting(session, request or WaitRequest(), reporter or Reporter()).run()


class Waiting:
    """One call of ``wait``."""

    def __init__(self, session: Session, request: WaitRequest, reporter: Reporter) -> None:
        self.session = session
        self.request = request
        self.reporter = reporter
        limit = request.timeout
        self.until = None if limit is None else time.monotonic() + limit

    def run(self) -> list[TuneResult]:
        """See :func:`wait`."""
        results: list[TuneResult] = []
        problems: list[MlccError] = []
        jobs = self._jobs()
        try:
            for job in jobs:
                try:
                    results.append(self._result(job, self._watch(job)))
                except MlccError as error:
                    problems.append(error)
        except KeyboardInterrupt:
            names = " ".join(job.name for job in jobs)
            raise Interrupted(
                "Interrupted; no job is affected.", hint=f"mlcc wait {names}   # goes on"
            ) from None
        raise_all(problems)
        return results

    def _jobs(self) -> Sequence[TrackedJob]:
        names = self.request.runs or tuple(sorted(running_jobs(self.session).values()))
        found = [find_job(self.session, name, "wait") for name in names or (None,)]
        return list({job.name: job for job in found}.values())

    def _watch(self, job: TrackedJob) -> JobState:
        again = f"mlcc wait {job.name}"
        try:
            return watch(
                job.platform,
                job_context(self.session, job.name),
                job.name,
                interval=self.request.poll_interval or job.platform.poll_interval,
                seen=self._seen,
                say=self.reporter.say,
                come_back=again,
                until=self.until,
            )
        except JobNotFound:
            raise JobError(
                f"The job {job.name} has disappeared from {job.platform.title}.",
                hint="mlcc runs list",
            ) from None

    def _seen(self, state: JobState) -> None:
        tell(replace(self.session, say=self.reporter.say), state.name, state)
        self.reporter.job(state)

    def _result(self, job: TrackedJob, state: JobState) -> TuneResult:
        session = replace(self.session, say=self.reporter.say)
        record = record_spent(session, job.name, state)
        if state.status != "completed":
            raise failure(state, _again(session.project, job.name, record, state), goes_on(state))
        if record is None or state.artifacts is None:
            raise PlatformError(
                f"The job {job.name} completed, and its "
                + ("record is not on this machine." if record is None else "result is not named."),
                hint=f"mlcc logs {job.name}",
            )
        if record.script is not None:
            record = remember_files(self.session.project, job.name, state)
            return TuneResult(job.name, False, state, None, (), record)
        output = recorded_output(self.session, record, state)
        context, run = job_context(self.session, job.name), job_of(self.session, record, state)
        way = next_steps(session.project, job.platform, context, run, output, record)
        record = read_record(self.session.project, job.name)
        return TuneResult(job.name, False, state, output, way.commands, record, loads=way.loads)


def _again(project: Project, job: str, record: RunRecord | None, state: JobState) -> str:
    """Return the command that has an interrupted job go on, or runs one anew."""
    if record is None or start_is_gone(project, record):
        return f"mlcc logs {job}"
    if state.interrupted and record.command is not None:
        return record.command
    if record.script is not None and record.command is not None:
        return f"{record.command} --force"
    if not record.given:
        return f"mlcc logs {job}"
    return f"mlcc runs show {job} --as-file > run.yaml && mlcc tune --file run.yaml --force"
