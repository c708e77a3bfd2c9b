"""Evaluations as they are kept: one JSON file each under ``.mlcc/evaluations``."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import shutil
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from mlcc_core.contract.evaluation import Evaluation
from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import write_atomically
from mlcc_core.helpers.hints import removed
from mlcc_core.project.project import Project

SCHEMA_VERSION = 1


def write_evaluation(project: Project, evaluation: Evaluation) -> Path:
    """Keep an evaluation; return its file.

    Raises:
        PlatformError: it cannot be written.
    """
    body = {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(evaluation)}
    data = json.dumps(body, indent=1, ensure_ascii=False, default=str).encode()
    digest = hashlib.sha256(data).hexdigest()[:8]
    path = _folder(project, evaluation.job or evaluation.target)
    path /= f"{int(evaluation.created)}-{digest}.json"
    with disk_errors(path):
        write_atomically(path, data)
    return path


def read_evaluations(project: Project, job: str) -> list[Evaluation]:
    """Read the evaluations of a run, the newest last.

    Raises:
        MlccError: one cannot be understood.
        PlatformError: one cannot be read.
    """
    folder = _folder(project, job)
    with disk_errors(folder):
        found = [_read(path) for path in folder.glob("*.json")]
    return sorted(found, key=lambda evaluation: evaluation.created)


def read_latest_evaluation(project: Project, job: str) -> Evaluation | None:
    """Read the newest evaluation of a run; older ones, which may be long, are not read.

    Raises:
        MlccError: it cannot be understood.
        PlatformError: it cannot be read.
    """
    folder = _folder(project, job)
    with disk_errors(folder):
        paths = sorted(folder.glob("*.json"), key=_second)
        newest = [_read(path) for path in paths if _second(path) == _second(paths[-1])]
    return max(newest, key=lambda evaluation: evaluation.created, default=None)


def remove_evaluations(project: Project, job: str) -> None:
    """Remove every evaluation of a run: a later one may have its name.

    Raises:
        PlatformError: they cannot be removed.
    """
    folder = _folder(project, job)
    with disk_errors(folder):
        if folder.exists():
            shutil.rmtree(folder)


def _second(path: Path) -> int:
    """Return the time in a file's name, in seconds since 1970; 0 for a name of another form."""
    begin = path.name.partition("-")[0]
    return int(begin) if begin.isdecimal() else 0


def _read(path: Path) -> Evaluation:
    try:
        return TypeAdapter(Evaluation).validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        raise MlccError(
            f"The evaluation {path} cannot be read: {first['msg']}.",
            hint=removed(path, "evaluate again"),
        ) from None


def _folder(project: Project, target: str) -> Path:
    return project.state_folder / "evaluations" / re.sub(r"[^A-Za-z0-9._-]", "-", target)
