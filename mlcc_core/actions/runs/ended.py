"""A job that completed, wherever it was watched: its output kept, its checkpoints removed."""

from __future__ import annotations

from mlcc_core.actions.card.write import write_card
from mlcc_core.actions.runs.job import job_of
from mlcc_core.actions.runs.tracking import context_of, remember_output, tracked_job
from mlcc_core.actions.session import Session
from mlcc_core.contract.job import JobState, Output
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_core.project.records import OutputRecord, RunRecord, write_record


def recorded_output(session: Session, record: RunRecord, state: JobState) -> Output:
    """Return the output of a job that completed, once it is on record.

    Only the output of its technique's tracked job becomes the latest one.

    Args:
        session: the project.
        record: of the job.
        state: of the job; it names the result.
    """
    project, technique = session.project, session.plugins.technique(record.technique)
    output = technique.output(job_of(session, record, state))
    if tracked_job(project, record.technique) == record.job:
        remember_output(project, record.job, record.technique, output)
    elif record.output is None:
        written = OutputRecord(kind=output.kind, path=output.path)
        with project.lock():
            write_record(project, record.model_copy(update={"output": written}))
    write_card(session, record.job)
    platform = session.plugins.platform(record.platform)
    free_checkpoints(platform, context_of(session.context, record), record.job)
    return output


def free_checkpoints(platform: Platform, context: Context, job: str) -> None:
    """Have a job's platform remove its checkpoints; the user is told where they stay.

    Args:
        platform: of the job.
        context: the surroundings.
        job: its name; it completed, or another attempt took its place.
    """
    try:
        platform.runner.forget(context, job)
    except JobNotFound:
        return
    except MlccError as error:
        context.say(f"⚠️  The checkpoints of {job} stay: {error.what}")
