"""Evaluation jobs that have yet to end, or whose result has yet to be collected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mlcc_core.actions.evaluate.managed.job.record import EvaluationJob, job_names, read_job
from mlcc_core.contract.job import JobState
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.project.project import Project


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An evaluation job that is not done with.

    Attributes:
        job: its name on the platform.
        platform: the name of the plugin.
        kind: of the evaluation.
        run: whose output it measures; ``None`` for the base model.
        command: goes on with the evaluation.
    """

    job: str
    platform: str
    kind: str
    run: str | None
    command: str


def unfinished(project: Project, complain: Callable[[str], object]) -> Iterator[Unfinished]:
    """Yield the jobs that run, or whose result was not collected.

    Jobs that failed or were stopped are left out: that was told when it was seen.

    Args:
        project: whose jobs are looked at.
        complain: told in a line of a record that cannot be understood, which is passed over.

    Raises:
        PlatformError: records cannot be read.
    """
    for name in job_names(project):
        try:
            record = read_job(project, name)
        except PlatformError:
            raise
        except MlccError as error:
            complain(f"⚠️  {error.what}")
            continue
        if record is not None and _left(record):
            command = record.command or f"mlcc stop {name}"
            yield Unfinished(name, record.platform, record.kind, record.run, command)


def _left(record: EvaluationJob) -> bool:
    if record.status == "completed":
        return not record.collected
    return not JobState(record.job, record.status).final
