"""Run records: what was asked, sent and found, one JSON file a job under ``.mlcc/runs/``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, JsonValue, ValidationError

from mlcc_core.contract.job import Ancestor, JobStatus
from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import write_atomically
from mlcc_core.helpers.hints import removed
from mlcc_core.helpers.project_paths import restored_path, restored_paths, stored_path, stored_paths
from mlcc_core.project.cost import CostBody
from mlcc_core.project.project import Project

GIVEN_PATHS = ("dataset", "validation", "from_weights")
"""Keys of what was given whose values may be paths."""


class OutputRecord(BaseModel):
    """The output of a completed job.

    Attributes:
        kind: an adapter, or a whole model.
        path: the folder, file or address that holds it.
    """

    kind: Literal["adapter", "model"]
    path: str


class ScriptRecord(BaseModel):
    """The script of the user's that a job runs.

    Attributes:
        script: the file's name.
        hyperparameters: that it was given, by name.
        inputs: the place of each channel of data, as it is shown: without a secret.
        output: where the files lie that it has left; ``None`` before its end.
    """

    script: str
    hyperparameters: dict[str, str] = Field(default_factory=dict)
    inputs: dict[str, str] = Field(default_factory=dict)
    output: str | None = None


class RunRecord(BaseModel):
    """The record of one job.

    Attributes:
        job: its name on the platform.
        platform: the name of the platform that ran the job.
        technique: the name of the technique.
        plan_hash: of everything that was asked; equal hashes, the same job.
        asked: what was asked, by the user's words (``--epochs``), for comparison.
        options: the flags of platform and events that were given, by key.
        given: everything that asks for the same run again, by the keys of a run file; empty in
            a record of a job that was started elsewhere.
        created: when it was sent, in seconds since 1970, UTC.
        request: the request as it was sent.
        dataset: the dataset's URI, as it is shown: without a secret.
        content: the content address of the dataset, whichever of its rows are held out; ``None``
            where no dataset is tuned on, and in records of before this was kept.
        form: the form of its rows, of those that the technique takes.
        plugins: distribution and version of each plugin that took part: ``source file`` is
            ``mlcc 0.1.0``.
        libraries: versions of the libraries that train, as the platform tells them.
        submission: ``sending`` from before the call that creates the job until it is known to
            exist; ``proved`` once the platform has described it as what was sent.
        dataset_uri: the staged rows that the job trains on.
        rows: how many these are; ``None`` for data used in place.
        validation_uri: the rows that are held out of it; ``None`` where none are.
        held_out: says which rows those are.
        ledger: where every row of the dataset went.
        rejects: the file with the rows that were left out.
        forecast: lines of the platform about the job before it began, rows that it cuts among them.
        seconds: how long each part took.
        status: as last seen.
        reason: why it failed.
        interrupted: it was cut off, and the same command goes on with it; otherwise a job that
            failed did so by its input or its training.
        command: as it was given, without a secret.
        metrics: the last numbers, the loss among them, with those of held-out rows before
            training, at their best and after it.
        output: what it left behind.
        lineage: the runs that it went on from, oldest first; empty where it began with a model.
        cost: what it was to cost, as priced before it was created; ``None`` where its platform
            tells no prices.
        spent: what it has cost by the platform's own count; ``None`` before its end, and where the
            platform was not asked. Without charges, the platform did not tell.
        problem: a difference between the job as asked for and as the platform describes it.
        script: of a run that tunes no model; ``technique`` is then ``script``.
    """

    job: str
    platform: str
    technique: str
    plan_hash: str
    asked: dict[str, JsonValue]
    options: dict[str, JsonValue] = Field(default_factory=dict)
    given: dict[str, JsonValue] = Field(default_factory=dict)
    created: float | None = None
    request: dict[str, JsonValue] = Field(default_factory=dict)
    dataset: str | None = None
    content: str | None = None
    form: str | None = None
    plugins: dict[str, str] = Field(default_factory=dict)
    libraries: dict[str, str] = Field(default_factory=dict)
    submission: Literal["sending", "sent", "proved"] = "sending"
    dataset_uri: str | None = None
    rows: int | None = None
    validation_uri: str | None = None
    held_out: str | None = None
    ledger: JsonValue = None
    rejects: str | None = None
    forecast: list[str] = Field(default_factory=list)
    seconds: dict[str, float] = Field(default_factory=dict)
    status: JobStatus = "pending"
    reason: str | None = None
    interrupted: bool = False
    command: str | None = None
    metrics: dict[str, float] = Field(default_factory=dict)
    output: OutputRecord | None = None
    lineage: list[Ancestor] = Field(default_factory=list)
    cost: CostBody | None = None
    spent: CostBody | None = None
    problem: str | None = None
    script: ScriptRecord | None = None


def record_path(project: Project, job: str) -> Path:
    """Return the path of the record of ``job``."""
    return project.state_folder / "runs" / f"{job}.json"


def is_recorded(project: Project, job: str) -> bool:
    """Return whether there is a record of ``job``, one that cannot be understood among them."""
    return record_path(project, job).is_file()


def start_is_gone(project: Project, record: RunRecord) -> bool:
    """Return whether the run that a run went on from was removed: it cannot be made again."""
    start = record.lineage[-1].job if record.lineage else None
    return start is not None and not is_recorded(project, start)


def read_record(project: Project, job: str) -> RunRecord | None:
    """Read the record of ``job``; ``None`` if there is none. Its paths are absolute.

    Raises:
        MlccError: it cannot be understood.
        PlatformError: it cannot be read.
    """
    path = record_path(project, job)
    try:
        with disk_errors(path):
            data = path.read_bytes() if path.exists() else None
        return None if data is None else _found(project, RunRecord.model_validate_json(data))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise MlccError(
            f"The run record {path} cannot be read: {place or 'document'}: {first['msg']}.",
            hint=removed(path, "the job itself is found again on its platform"),
        ) from None


def write_record(project: Project, record: RunRecord) -> None:
    """Save ``record``, replacing an earlier one at once; paths inside the project become relative.

    Raises:
        PlatformError: it cannot be written.
    """
    path = record_path(project, record.job)
    with disk_errors(path):
        write_atomically(path, _stored(project, record).model_dump_json(indent=2).encode())


def _stored(project: Project, record: RunRecord) -> RunRecord:
    request = stored_paths(project.root, record.request)
    return _with_paths(record, request, partial(stored_path, project.root))


def _found(project: Project, record: RunRecord) -> RunRecord:
    request = restored_paths(project.root, record.request)
    return _with_paths(record, request, partial(restored_path, project.root))


def _with_paths(
    record: RunRecord, request: dict[str, JsonValue], change: Callable[[str], str]
) -> RunRecord:
    output, script = record.output, record.script
    return record.model_copy(
        update={
            "request": request,
            "given": {**record.given, **_changed_paths(record.given, change)},
            "dataset_uri": record.dataset_uri and change(record.dataset_uri),
            "validation_uri": record.validation_uri and change(record.validation_uri),
            "rejects": record.rejects and change(record.rejects),
            "output": output and output.model_copy(update={"path": change(output.path)}),
            "script": script and _moved_script(script, change),
            "lineage": [replace(run, path=change(run.path)) for run in record.lineage],
        }
    )


def _moved_script(script: ScriptRecord, change: Callable[[str], str]) -> ScriptRecord:
    inputs = {name: change(place) for name, place in script.inputs.items()}
    output = script.output and change(script.output)
    return script.model_copy(update={"inputs": inputs, "output": output})


def _changed_paths(
    given: Mapping[str, JsonValue], change: Callable[[str], str]
) -> dict[str, JsonValue]:
    """Return the datasets among what was given, changed: they alone are paths of this machine."""
    named = {key: given.get(key) for key in GIVEN_PATHS}
    return {key: change(value) for key, value in named.items() if isinstance(value, str)}


def as_json(data: Mapping[str, object]) -> dict[str, JsonValue]:
    """Return ``data`` as JSON has it."""
    answer: dict[str, JsonValue] = json.loads(json.dumps(data, default=str))
    return answer
