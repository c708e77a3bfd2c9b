"""The output of a run that completed: by the name of the run, or the latest of a technique."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from mlcc_core.actions.money.spent import record_spent
from mlcc_core.actions.runs.ended import recorded_output
from mlcc_core.actions.runs.find import LIST, find_run, read_records, run_names
from mlcc_core.actions.runs.tracking import (
    context_of,
    output_variable,
    tracked_job,
    tracked_techniques,
)
from mlcc_core.actions.session import Session
from mlcc_core.actions.train.left import no_model, remember_files
from mlcc_core.contract.job import JobState, Output
from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import close_matches
from mlcc_core.helpers.project_paths import restored_path
from mlcc_core.helpers.text import first_line
from mlcc_core.project.project import Project
from mlcc_core.project.records import RunRecord, read_record, record_path

Kind = Literal["adapter", "model"]
KINDS: tuple[Kind, ...] = ("adapter", "model")

ENDED = {"failed": "failed", "stopped": "was stopped", "completed": "left no output"}
"""The end of a run that has no output, in words."""


@dataclass(frozen=True)
class Tuned:
    """The output of a completed run.

    Attributes:
        output: what it left behind.
        technique: that it was trained with.
        record: of the run; ``None`` where it is not on this machine.
    """

    output: Output
    technique: str
    record: RunRecord | None


def find_tuned(session: Session, text: str, where: str = "--from-tune") -> Tuned:
    """Return the output of the run that ``text`` names, or of a technique's latest completed one.

    Args:
        session: the project, its plugins and its platform.
        text: the name of a run, a unique start of it, or a technique.
        where: the flag that it was given to.

    Raises:
        MlccError: there is no such run, it is not finished, or it failed.
        PlatformError: records cannot be read, or the run's platform cannot be asked.
    """
    if not is_technique(session, text):
        _check_known(session, text, where)
        return _tuned(_completed(session, find_run(session.project, text, where), where))
    tracked = _tracked(session, text)
    found = [tuned for kind in KINDS if (tuned := latest(session.project, text, kind))]
    if found:
        return max(found, key=lambda tuned: _written(session.project, tuned))
    if tracked is not None:
        return _tuned(_completed(session, tracked, where))
    raise MlccError(
        f"The output of {text} does not exist: no completed run of it is on record.",
        where=where,
        hint=LIST,
    )


def _check_known(session: Session, text: str, where: str) -> None:
    """Refuse a word that begins the name of no run: it may have been meant for a technique.

    Raises:
        MlccError: with the name that it is close to.
    """
    names = run_names(session.project)
    if text and any(name.startswith(text) for name in names):
        return
    close = close_matches(text, [*session.plugins.techniques, *names])
    meant = f" Did you mean {close[0]!r}?" if close else ""
    raise MlccError(
        f"{text!r} is neither a run of this project nor a technique.{meant}",
        where=where,
        hint=LIST,
    )


def is_technique(session: Session, text: str) -> bool:
    """Return whether ``text`` is a technique: one that is installed, or was tuned with here."""
    return text in {*session.plugins.techniques, *tracked_techniques(session.project)}


def latest(project: Project, technique: str, kind: Kind) -> Tuned | None:
    """Return the technique's latest output of that kind, as ``do/config`` has it."""
    path = project.config().get(output_variable(technique, kind))
    if not path:
        return None
    return tuned_at(project, Output(kind, restored_path(project.root, path)), technique)


def tuned_at(project: Project, output: Output, technique: str = "") -> Tuned:
    """Return an output with the record of the run that left it.

    Args:
        project: whose runs are looked at.
        output: as a run left it.
        technique: that it was trained with, where no record tells.
    """
    made = (record for record in read_records(project) if _output_of(record) == output)
    record = next(made, None)
    return Tuned(output, record.technique if record else technique, record)


def _output_of(record: RunRecord) -> Output | None:
    return None if record.output is None else Output(record.output.kind, record.output.path)


def _written(project: Project, tuned: Tuned) -> float:
    """Return when the record of a run was last written, which is when it ended."""
    if tuned.record is None:
        return 0.0
    return record_path(project, tuned.record.job).stat().st_mtime


def _tuned(record: RunRecord) -> Tuned:
    output = _output_of(record)
    if output is None:
        raise AssertionError("a completed run has an output")
    return Tuned(output, record.technique, record)


def up_to_date(session: Session, record: RunRecord) -> RunRecord:
    """Return a record as its platform says, or as it is where that cannot be asked."""
    with suppress(MlccError):
        return record if record.output is not None else _up_to_date(session, record)
    return record


def _tracked(session: Session, technique: str) -> RunRecord | None:
    """Return the record of the technique's latest job, brought up to date."""
    job = tracked_job(session.project, technique)
    record = None if job is None else read_record(session.project, job)
    if record is None or record.output is not None:
        return record
    return _up_to_date(session, record)


def _completed(session: Session, record: RunRecord, where: str) -> RunRecord:
    """Return the record of a run that completed.

    Raises:
        MlccError: it did not.
    """
    record = record if record.output is not None else _up_to_date(session, record)
    if record.output is not None:
        return record
    if record.script is not None and record.status == "completed":
        raise no_model(session.project, record, where)
    if JobState(record.job, record.status).final:
        why = f": {first_line(record.reason)}" if record.reason else "."
        raise MlccError(
            f"The run {record.job} {ENDED[record.status]}{why}",
            where=where,
            hint=f"{LIST}   # name another run, or tune it again",
        )
    raise MlccError(
        f"The run {record.job} is not finished: {record.status}.",
        where=where,
        hint=f"mlcc logs {record.technique} --follow   # until it ends",
    )


def _up_to_date(session: Session, record: RunRecord) -> RunRecord:
    """Return the record of a job once its platform was asked how it stands."""
    if JobState(record.job, record.status).final and record.status != "completed":
        return record
    platform = session.plugins.platform(record.platform)
    try:
        state = platform.runner.describe(context_of(session.context, record), record.job)
    except JobNotFound as error:
        raise MlccError(
            f"The run {record.job} has disappeared from {platform.title}.",
            where=error.where,
            hint=LIST,
        ) from None
    record_spent(session, record.job, state)
    if state.status == "completed" and state.artifacts:
        if record.script is None:
            recorded_output(session, record, state)
        else:
            remember_files(session.project, record.job, state)
    return read_record(session.project, record.job) or record
