"""The job that is tracked for a technique, and its outcome: ``do/config`` and the records."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping

from mlcc_core.contract.job import JobState, Output
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_core.helpers.project_paths import restored_path, stored_path
from mlcc_core.loader.manager import Plugins
from mlcc_core.project.config import Config
from mlcc_core.project.hints import edit_hint
from mlcc_core.project.project import Project
from mlcc_core.project.records import OutputRecord, RunRecord, read_record, write_record

JOB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")
"""Names of jobs that are read from ``do/config``: each becomes a file's name."""


def job_variable(technique: str) -> str:
    """Return the variable of ``do/config`` that names the technique's job."""
    return f"TUNE_JOB_NAME_{technique.upper()}"


def output_variable(technique: str, kind: str) -> str:
    """Return the variable of ``do/config`` that holds the technique's output of that kind."""
    return f"TUNE_{kind.upper()}_PATH_{technique.upper()}"


def tracked_job(project: Project, technique: str) -> str | None:
    """Return the name of the technique's latest job, if there is one.

    Raises:
        MlccError: the value in ``do/config`` cannot be the name of a job.
    """
    return _checked(project.config(), job_variable(technique))


def track(project: Project, technique: str, job: str | None) -> None:
    """Make ``job`` the technique's latest one; ``None``: it has none."""
    project.set({job_variable(technique): job})


def tracked_techniques(project: Project) -> dict[str, str]:
    """Job names by technique, for every technique that has one, as ``do/config`` says."""
    config = project.config()
    prefix = job_variable("")
    names = [name for name in config.known() if name.startswith(prefix) and name != prefix]
    jobs = {name.removeprefix(prefix).lower(): _checked(config, name) for name in names}
    return {technique: job for technique, job in jobs.items() if job is not None}


def given_options(
    platform: Platform, plugins: Plugins, options: Mapping[str, object]
) -> dict[str, object]:
    """Return those of ``options`` that are flags of ``platform`` or of events, by key."""
    known = {o.key for own in (platform.options, *plugins.run_options.values()) for o in own}
    return {key: value for key, value in options.items() if key in known}


def context_of(context: Context, record: RunRecord | None) -> Context:
    """Return the surroundings in which a job was started, for later looks at it.

    The flags of platform and events that ``tune`` was given count again; those given now beat them.

    Args:
        context: of the command.
        record: of the job; ``None`` where it is not on this machine.
    """
    if record is None or not record.options:
        return context
    return dataclasses.replace(context, options={**record.options, **context.options})


def _checked(config: Config, name: str) -> str | None:
    job = config.get(name)
    if job is None or JOB_NAME.match(job):
        return job
    assigned = config.find(name)
    line = assigned.line if assigned else 1
    raise MlccError(
        f"{name} is {job!r}, expected the name of a job.",
        where=f"{config.path}:{line}",
        hint=edit_hint(config.path, line, "remove the line"),
    )


def remember_state(project: Project, job: str, state: JobState) -> RunRecord | None:
    """Bring the record of ``job`` up to date with what the platform says."""
    with project.lock():
        record = read_record(project, job)
        seen = {
            "status": state.status,
            "reason": state.reason,
            "interrupted": state.interrupted,
        }
        if record is not None and seen != {name: getattr(record, name) for name in seen}:
            record = record.model_copy(update={**seen, "metrics": _numbers(state)})
            if state.started is not None and state.ended is not None:
                record.seconds["job"] = round(state.ended - state.started, 3)
            write_record(project, record)
        return record


def _numbers(state: JobState) -> dict[str, float]:
    """Return the last numbers of a job, as its record keeps them: JSON has finite ones alone."""
    if state.progress is None:
        return {}
    numbers = {"loss": state.progress.loss, **state.progress.metrics}
    return {
        name: value for name, value in numbers.items() if value is not None and math.isfinite(value)
    }


def remember_output(project: Project, job: str, technique: str, output: Output) -> None:
    """Write a finished job's output to ``do/config`` and to its record, once.

    A path inside the project is written down from its folder: ``./outputs/demo-1``.
    """
    path = stored_path(project.root, output.path)
    variables = {
        output_variable(technique, output.kind): path,
        "TUNE_OUTPUT_PATH_LATEST": path,
        "TUNE_OUTPUT_TYPE_LATEST": output.kind,
        "TUNE_TECHNIQUE_LATEST": technique,
    }
    with project.lock():
        record = read_record(project, job)
        written = OutputRecord(kind=output.kind, path=output.path)
        if record is not None:
            if record.output == written and _already(project, technique, output):
                return
            write_record(project, record.model_copy(update={"output": written}))
        project.set(variables)


def _already(project: Project, technique: str, output: Output) -> bool:
    """Looking at an old job again must not make its output the latest one."""
    name = output_variable(technique, output.kind)
    before = project.config().get(name)
    return before is not None and restored_path(project.root, before) == output.path
