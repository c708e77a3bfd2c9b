"""The end of a job on record, with what it has spent."""

from __future__ import annotations

from mlcc_core.actions.money.bill import Bill
from mlcc_core.actions.runs.tracking import context_of, remember_state
from mlcc_core.actions.session import Session
from mlcc_core.contract.job import JobState
from mlcc_core.errors import MlccError
from mlcc_core.project.records import RunRecord, read_record, write_record


def record_spent(session: Session, job: str, state: JobState) -> RunRecord | None:
    """Bring the record of a job up to date; once it is over, with what it has spent.

    The platform is asked for that once: an empty answer is kept, too.

    Args:
        session: the project and its plugins; its ``say`` takes a line about a platform that fails.
        job: its name.
        state: as just seen.

    Returns:
        Its record; ``None`` where that is not on this machine.
    """
    record = remember_state(session.project, job, state)
    if record is None or not state.final or record.spent is not None:
        return record
    try:
        pricing = session.plugins.platform(record.platform).pricing
        if pricing is None:
            return record
        charges = pricing.spent(context_of(session.context, record), state)
    except MlccError as error:
        session.say(f"⚠️  The cost of {job} is not known: {error.what}")
        return record
    with session.project.lock():
        latest = read_record(session.project, job) or record
        latest = latest.model_copy(update={"spent": Bill(tuple(charges)).document()})
        write_record(session.project, latest)
    return latest
