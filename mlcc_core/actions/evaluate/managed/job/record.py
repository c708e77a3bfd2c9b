"""Jobs of managed evaluations as they are kept: a file each under ``.mlcc/evaluation-jobs``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, JsonValue, ValidationError

from mlcc_core.contract.job import JobStatus
from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import write_atomically
from mlcc_core.helpers.hints import removed
from mlcc_core.project.cost import CostBody
from mlcc_core.project.project import Project


class EvaluationJob(BaseModel):
    """A job of a managed evaluation.

    Attributes:
        job: its name on the platform.
        platform: the name of the plugin.
        kind: of the evaluation.
        model: the base model.
        run: whose output it measures; ``None`` for the base model.
        options: the flags of the platform that it was given, by key.
        created: when it was sent, in seconds since 1970, UTC.
        request: as it was sent.
        command: goes on with the evaluation; without a secret.
        submission: as in a run's record: ``sending`` while it is not known whether the job exists.
        status, reason: as last seen.
        collected: an evaluation was kept that has its result.
        cost: as it was told before the job was created; ``None`` where it costs nothing.
        problem: a difference between the job as asked for and as the platform describes it.
    """

    job: str
    platform: str
    kind: str
    model: str
    run: str | None = None
    options: dict[str, JsonValue] = Field(default_factory=dict)
    created: float | None = None
    request: dict[str, JsonValue] = Field(default_factory=dict)
    command: str | None = None
    submission: Literal["sending", "sent", "proved"] = "sending"
    status: JobStatus = "pending"
    reason: str | None = None
    collected: bool = False
    cost: CostBody | None = None
    problem: str | None = None


def job_names(project: Project, prefix: str = "") -> list[str]:
    """List the jobs that are written down, sorted.

    Raises:
        PlatformError: the folder cannot be read.
    """
    folder = _folder(project)
    with disk_errors(folder):
        found = (path.stem for path in folder.glob("*.json"))
        return sorted(name for name in found if name.startswith(prefix))


def read_job(project: Project, job: str) -> EvaluationJob | None:
    """Read what is written down of a job; ``None`` if nothing is.

    Raises:
        MlccError: it cannot be understood.
        PlatformError: it cannot be read.
    """
    path = _folder(project) / f"{job}.json"
    try:
        with disk_errors(path):
            return EvaluationJob.model_validate_json(path.read_bytes()) if path.exists() else None
    except ValidationError as error:
        raise MlccError(
            f"The record {path} cannot be read: {error.errors()[0]['msg']}.",
            hint=removed(path, "the job itself is found again on its platform"),
        ) from None


def write_job(project: Project, record: EvaluationJob) -> None:
    """Write a job down, in place of what was.

    Raises:
        PlatformError: it cannot be written.
    """
    path = _folder(project) / f"{record.job}.json"
    with disk_errors(path):
        write_atomically(path, record.model_dump_json(indent=2).encode())


def remove_job(project: Project, job: str) -> None:
    """Forget a job, which was never created.

    Raises:
        PlatformError: its file cannot be removed.
    """
    path = _folder(project) / f"{job}.json"
    with disk_errors(path):
        path.unlink(missing_ok=True)


def _folder(project: Project) -> Path:
    return project.state_folder / "evaluation-jobs"
