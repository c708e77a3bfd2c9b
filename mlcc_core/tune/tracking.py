"""Which job is tracked for a technique, and what became of it: ``do/config`` and the records."""

from __future__ import annotations

from mlcc_core.job import JobState, Output
from mlcc_core.project import Project
from mlcc_core.records import OutputRecord, RunRecord, read_record, write_record


def job_variable(technique: str) -> str:
    """The variable of ``do/config`` that names the technique's job."""
    return f"TUNE_JOB_NAME_{technique.upper()}"


def output_variable(technique: str, kind: str) -> str:
    """The variable of ``do/config`` that holds the technique's output of that kind."""
    return f"TUNE_{kind.upper()}_PATH_{technique.upper()}"


def tracked_job(project: Project, technique: str) -> str | None:
    """The name of the technique's latest job, if there is one."""
    return project.config().get(job_variable(technique))


def tracked_techniques(project: Project) -> dict[str, str]:
    """Job names by technique, for every technique that has one, as ``do/config`` says."""
    prefix = job_variable("")
    return {
        name.removeprefix(prefix).lower(): value
        for name, value in project.config().known().items()
        if name.startswith(prefix) and value
    }


def remember_state(project: Project, job: str, state: JobState) -> RunRecord | None:
    """Bring the record of ``job`` up to date with what the platform says."""
    with project.lock():
        record = read_record(project, job)
        if record is not None and (record.status, record.reason) != (state.status, state.reason):
            record = record.model_copy(update={"status": state.status, "reason": state.reason})
            if state.started is not None and state.ended is not None:
                record.seconds["job"] = round(state.ended - state.started, 3)
            write_record(project, record)
        return record


def remember_output(project: Project, job: str, technique: str, output: Output) -> None:
    """Write a finished job's output to ``do/config`` and to its record, once."""
    variables = {
        output_variable(technique, output.kind): output.path,
        "TUNE_OUTPUT_PATH_LATEST": output.path,
        "TUNE_OUTPUT_TYPE_LATEST": output.kind,
        "TUNE_TECHNIQUE_LATEST": technique,
    }
    with project.lock():
        record = read_record(project, job)
        written = OutputRecord(kind=output.kind, path=output.path)
        if record is not None:
            if record.output == written and _already(project, variables, technique, output):
                return
            write_record(project, record.model_copy(update={"output": written}))
        from mlcc_core.config import write_variables

        write_variables(project.config_path, variables)


def _already(project: Project, variables: dict[str, str], technique: str, output: Output) -> bool:
    """Looking at an old job again must not make its output the latest one."""
    name = output_variable(technique, output.kind)
    return project.config().get(name) == variables[name]


def next_steps(technique: str, output: Output) -> list[str]:
    """The commands that deploy and test what a job left behind."""
    name = f"tuned-{technique.replace('_', '-')}"
    if output.kind == "adapter":
        return [
            f"./do/adapter add {name} --from-tune {technique}",
            f"./do/test --adapter {name}",
        ]
    return [
        f"./do/add-ic {name} --from-tune {technique}",
        f"./do/test --ic {name}",
    ]
