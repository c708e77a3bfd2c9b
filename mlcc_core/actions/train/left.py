"""Runs of users' own scripts among a project's runs: tracked, over, with what they left."""

from __future__ import annotations

from mlcc_core.actions.train.hints import left_deployed
from mlcc_core.contract.job import JobState
from mlcc_core.errors import MlccError
from mlcc_core.helpers.project_paths import stored_path
from mlcc_core.project.project import Project
from mlcc_core.project.records import RunRecord, read_record, write_record


def remember_files(project: Project, job: str, state: JobState) -> RunRecord | None:
    """Write down where the files lie that a script has left.

    Args:
        project: whose run it is.
        job: its name.
        state: completed, as just seen.

    Returns:
        The record; ``None`` where it is not on this machine.
    """
    with project.lock():
        record = read_record(project, job)
        if record is None or record.script is None or record.script.output == state.artifacts:
            return record
        script = record.script.model_copy(update={"output": state.artifacts})
        record = record.model_copy(update={"script": script})
        write_record(project, record)
        return record


def no_model(project: Project, record: RunRecord, where: str) -> MlccError:
    """Return the error for a script run that is named where a tuned model is expected.

    Args:
        project: whose run it is.
        record: of the run.
        where: the flag that names it.
    """
    output = record.script.output if record.script is not None else None
    left = ", and left nothing yet" if output is None else f"; what it left is in {output}"
    hint = f"mlcc runs show {record.job}"
    if output is not None:
        hint = left_deployed(stored_path(project.root, output))
    return MlccError(
        f"The run {record.job} ran a script of yours, which mlcc knows no model of{left}.",
        where=where,
        hint=hint,
    )
