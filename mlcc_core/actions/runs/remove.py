"""``runs remove``: runs that are over, with what their platform keeps of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlcc_core.actions.deploy.made_of import deployed_from
from mlcc_core.actions.evaluate.stored import remove_evaluations
from mlcc_core.actions.jobs import TrackedJob
from mlcc_core.actions.runs.find import read_records
from mlcc_core.actions.runs.rows import output_path
from mlcc_core.actions.runs.show import record_of
from mlcc_core.actions.runs.tracking import job_variable, output_variable
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.job.status import job_context
from mlcc_core.contract.job import Output
from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_core.errors import Interrupted, MlccError, raise_all
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.project_paths import restored_path
from mlcc_core.helpers.text import plural
from mlcc_core.project.project import Project
from mlcc_core.project.records import RunRecord, record_path

LATEST = ("TUNE_OUTPUT_PATH_LATEST", "TUNE_OUTPUT_TYPE_LATEST", "TUNE_TECHNIQUE_LATEST")
"""Variables of ``do/config`` that stand for the latest output together; the first is its path."""


@dataclass(frozen=True)
class RemoveRunsRequest:
    """One call of ``runs remove``.

    Attributes:
        runs: jobs' names, unique starts of them, or techniques for their tracked jobs.
        assume_yes: do not ask before removing anything.
        force: remove a run although its output is deployed, or another run went on from it.
    """

    runs: tuple[str, ...]
    assume_yes: bool = False
    force: bool = False


@dataclass(frozen=True)
class RemovedRun:
    """A run that was removed.

    Attributes:
        job: its name.
        lines: of its platform, for the user: what it removed, or keeps.
    """

    job: str
    lines: tuple[str, ...]


def remove_runs(session: Session, request: RemoveRunsRequest) -> list[RemovedRun]:
    """Remove runs that are over: what the platform keeps of them, then their records.

    Variables of ``do/config`` that point to them are removed as well.

    Args:
        session: its ``say`` takes lines about what would be removed, its ``confirm`` is asked.
        request: says which.

    Raises:
        MlccError, Problems: a run is not over, is deployed, or others went on from it; nothing
            was removed.
        PlatformError: a platform cannot be asked, or cannot remove one.
        Interrupted: the answer was no.
    """
    named = [record_of(session, run, "runs remove") for run in request.runs]
    records = list({record.job: record for record in named}.values())
    problems: list[MlccError] = []
    for record in records:
        try:
            _check(session, record, [other.job for other in records], force=request.force)
        except MlccError as error:
            problems.append(error)
    raise_all(problems)
    if not request.assume_yes:
        session.say(f"📋 This removes {plural(len(records), 'run')}:")
        for record in records:
            session.say(f"   {record.job}{_what(record)}")
        if not session.confirm("Remove all of this?"):
            raise Interrupted("Nothing was removed.")
    return [_remove(session, record) for record in records]


def _what(record: RunRecord) -> str:
    place = output_path(record)
    return "" if place is None else f", with {place}"


def _check(session: Session, record: RunRecord, going: Sequence[str], *, force: bool) -> None:
    """Refuse a run that is needed.

    Raises:
        MlccError: it is not over, is deployed, or another run went on from it.
        PlatformError: its platform cannot be asked.
    """
    platform, context = session.plugins.platform(record.platform), job_context(session, record.job)
    job = TrackedJob(record.job, platform, context)
    try:
        state = platform.runner.describe(context, job.name)
    except JobNotFound:
        state = None
    if state is not None and not state.final:
        raise MlccError(
            f"The job {job.name} is {state.status}, expected one that is over.",
            hint=f"mlcc stop {job.name}",
        )
    if force:
        return
    force_hint = f"mlcc runs remove {job.name} --force"
    users = list(_deployed(session, job, record))
    if users:
        raise MlccError(
            f"The output of {job.name} is deployed: {', '.join(users)}.",
            hint=f"{force_hint}   # removes it nevertheless",
        )
    heirs = [heir for heir in _heirs(session.project, record) if heir not in going]
    if heirs:
        raise MlccError(
            f"{plural(len(heirs), 'run')} went on from {job.name}: {', '.join(heirs)}.",
            hint=f"{force_hint}   # removes it nevertheless",
        )


def _deployed(session: Session, job: TrackedJob, record: RunRecord) -> Iterator[str]:
    """Yield what is deployed from the output of a run, in words."""
    serving, project = job.platform.serving, session.project
    if serving is None or record.output is None:
        return
    others = {each.output.path for each in read_records(project) if each.output is not None}
    output = Output(record.output.kind, record.output.path)
    yield from deployed_from(
        serving, job_context(session, job.name), output, others - {output.path}
    )


def _heirs(project: Project, record: RunRecord) -> Iterator[str]:
    """Yield the runs that went on from the output of a run, at once or later."""
    for other in read_records(project):
        if any(run.job == record.job for run in other.lineage):
            yield other.job


def _remove(session: Session, record: RunRecord) -> RemovedRun:
    """Remove a run; cut off in between, the same command goes on."""
    project, job = session.project, record.job
    runner = session.plugins.platform(record.platform).runner
    with project.lock():
        variables = dict.fromkeys(_pointing(project, record))
        if variables:
            project.set(variables)
        try:
            lines = tuple(runner.remove(job_context(session, job), job))
        except JobNotFound:
            lines = ()
        remove_evaluations(project, job)
        for path in (project.state_folder / "events" / job, record_path(project, job)):
            with disk_errors(path):
                path.unlink(missing_ok=True)
    return RemovedRun(job, lines)


def _pointing(project: Project, record: RunRecord) -> Iterator[str]:
    """Yield the variables of ``do/config`` that point to a run or to its output."""
    known = project.config().known()
    if known.get(job_variable(record.technique)) == record.job:
        yield job_variable(record.technique)
    if record.output is None:
        return
    for name in (output_variable(record.technique, record.output.kind), LATEST[0]):
        value = known.get(name)
        if value and restored_path(project.root, value) == record.output.path:
            yield from LATEST if name == LATEST[0] else (name,)
