"""A run as hooks and events see it, from its record alone."""

from __future__ import annotations

from mlcc_core.actions.session import Session
from mlcc_core.contract.job import Job, JobState
from mlcc_core.project.records import RunRecord


def job_of(session: Session, record: RunRecord, state: JobState | None = None) -> Job:
    """Return the job of a record, which any command may have started.

    Args:
        session: its plugins read what the record's request asks for.
        record: of the run, with its request.
        state: of a job that completed, which tells its artifacts and when it began.
    """
    reported = session.plugins.platform(record.platform).runner.read_spec(record.request)
    return Job(
        name=record.job,
        platform=record.platform,
        technique=record.technique,
        model=reported.model,
        training_type=reported.training_type,
        artifacts=None if state is None else state.artifacts,
        hyperparameters=reported.hyperparameters,
        dataset=record.dataset,
        started=None if state is None else state.started,
        asked=record.asked,
    )
