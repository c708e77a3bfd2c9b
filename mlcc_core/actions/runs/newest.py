"""The newest run, which may have left nothing: what is deployed is then of an older one."""

from __future__ import annotations

import time

from mlcc_core.actions.runs.find import read_records
from mlcc_core.actions.runs.finished import ENDED, up_to_date
from mlcc_core.actions.runs.rows import when
from mlcc_core.actions.session import Session
from mlcc_core.contract.job import JobState
from mlcc_core.project.records import RunRecord


def newest(session: Session, technique: str | None) -> RunRecord | None:
    """Return the record of the run that was sent last, as its platform says now.

    Args:
        session: the project, its plugins and its platform.
        technique: whose runs are meant; ``None`` for all.
    """
    records = (
        record
        for record in read_records(session.project, session.say)
        if technique in (None, record.technique) and record.script is None
    )
    found = max(records, key=lambda record: when(session, record), default=None)
    return None if found is None else up_to_date(session, found)


def passed_over(session: Session, newer: RunRecord, taken: RunRecord) -> str:
    """Return the line that says whose output is taken in place of the newest run's."""
    if newer.output is not None:
        end = f"left a {'full model' if newer.output.kind == 'model' else 'LoRA adapter'}"
    elif JobState(newer.job, newer.status).final:
        end = ENDED[newer.status]
    else:
        end = f"is {newer.status}"
    return (
        f"ℹ️  The newest run {newer.job} {end}; this is the output of {taken.job} "
        f"of {moment(when(session, taken), time.time())}."
    )


def moment(seconds: float, now: float) -> str:
    """Return a time of this machine's clock for people.

    Args:
        seconds: since 1970.
        now: the same.

    Example:
        ``12:03``, ``12:03 yesterday``, ``2026-11-28 12:03``.
    """
    then, today = time.localtime(seconds), time.localtime(now)
    clock = time.strftime("%H:%M", then)
    if then[:3] == today[:3]:
        return clock
    yesterday = time.localtime(time.mktime((*today[:2], today[2] - 1, 12, 0, 0, 0, 0, -1)))
    if then[:3] == yesterday[:3]:
        return f"{clock} yesterday"
    return time.strftime("%Y-%m-%d %H:%M", then)
