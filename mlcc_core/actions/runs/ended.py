"""The output of a job that completed, wherever it was watched."""

from __future__ import annotations

from mlcc_core.actions.card.write import write_card
from mlcc_core.actions.runs.job import job_of
from mlcc_core.actions.runs.tracking import remember_output, tracked_job
from mlcc_core.actions.session import Session
from mlcc_core.contract.job import JobState, Output
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
    return output
