"""Scripts of users on this machine: their requests, and the processes that run them.

The ``request`` of a body says which script runs with which words and data, by absolute paths; the
job keeps copies of script and requirements, so that it goes on with what it began with.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from mlcc_core import (
    Context,
    JobRunner,
    MlccError,
    PlatformError,
    ReportedScript,
    Request,
    ScriptRunner,
    ScriptSpec,
    attempt,
    files_checksum,
    raise_all,
    script_files,
)
from mlcc_core.helpers import atomic_folder, write_atomically
from mlcc_core.helpers.hints import looked_at
from mlcc_engine.checkpoint.store import FOLDER as CHECKPOINTS
from mlcc_engine.devices import count_gpus
from mlcc_engine.scripting import request as scripting
from mlcc_folders.job.folders import JobFolder, find, read_document

COMMAND = (sys.executable, "-P", "-u", "-m", "mlcc_engine.scripting", "--detached")
"""The program that runs the script of the job whose folder is its last argument."""

CODE, REQUIREMENTS, INPUTS = "code", "requirements.txt", "inputs"
"""Places in a job's folder: of the copies, and of folders that hold a channel of one file."""


class LocalScripts(ScriptRunner):
    """Runs scripts as processes of this machine, in the environment of mlcc."""

    def build_request(self, context: Context, spec: ScriptSpec) -> Request:
        problems: list[MlccError] = []
        _refuse_options(spec, problems)
        marks = {
            name: attempt(_marking(name, place), problems) for name, place in spec.inputs.items()
        }
        raise_all(problems)
        request = {
            "script": spec.script,
            "folder": spec.folder,
            "requirements": spec.requirements,
            "hyperparameters": dict(spec.hyperparameters),
            "inputs": dict(spec.inputs),
        }
        fingerprints = {
            "script": spec.checksum,
            "requirements": spec.requirements_checksum,
            "inputs": marks,
        }
        return Request({"request": request, "fingerprints": fingerprints})

    def read_spec(self, body: Mapping[str, object]) -> ReportedScript:
        request = cast("Mapping[str, Any]", body["request"])
        marks = cast("Mapping[str, Any]", body.get("fingerprints") or {})
        content = {f"content of {name}": mark for name, mark in (marks.get("inputs") or {}).items()}
        return ReportedScript(
            script=Path(request["script"]).name,
            checksum=marks.get("script"),
            requirements_checksum=marks.get("requirements"),
            hyperparameters=request["hyperparameters"],
            inputs=request["inputs"],
            extra=content,
        )

    def reported(self, context: Context, name: str, runner: JobRunner) -> ReportedScript | None:
        folder = find(context.root, name)
        request, proof = read_document(folder.request), read_document(folder.proof)
        if request is None:
            return None
        return self.read_spec({**(proof or {}), "request": request})


def runs_script(folder: JobFolder) -> bool:
    """Return whether a job runs a script, and does not train."""
    return "script" in (read_document(folder.request) or {})


def prepare(folder: JobFolder) -> None:
    """Write down for the program what it is to run, with copies that stay as they are.

    Args:
        folder: of the job, with its request.

    Raises:
        OSError: the disk refuses.
        PlatformError: the script is not the one any more that was asked for.
    """
    asked = read_document(folder.request) or {}
    marks = (read_document(folder.proof) or {}).get("fingerprints") or {}
    code = folder.path / CODE
    if not code.exists():
        _copy(folder, asked, marks, code)
    requirements = folder.path / REQUIREMENTS if asked["requirements"] is not None else None
    request = scripting.ScriptRequest(
        job=folder.name,
        script=str(code / Path(asked["script"]).name),
        folder=str(code),
        launcher=(sys.executable,),
        hyperparameters=asked["hyperparameters"],
        inputs={name: str(_channel(folder, name, at)) for name, at in asked["inputs"].items()},
        model_dir=str(folder.path / "model"),
        output_data_dir=str(folder.path / "data"),
        checkpoint_dir=str(folder.path / CHECKPOINTS),
        num_gpus=count_gpus(),
        requirements=None if requirements is None else str(requirements),
        packages=None if requirements is None else str(folder.path / "packages"),
        output=str(folder.output),
    )
    text = json.dumps(request.model_dump(), ensure_ascii=False, indent=2) + "\n"
    write_atomically(folder.path / scripting.FILE, text.encode())


def has_checkpoints(folder: JobFolder) -> bool:
    """Return whether a script has left something to go on from."""
    kept = folder.path / CHECKPOINTS
    return kept.is_dir() and any(kept.iterdir())


def _refuse_options(spec: ScriptSpec, problems: list[MlccError]) -> None:
    for key in spec.options:
        flag = "--" + key.replace("_", "-")
        problems.append(
            MlccError(
                f"{flag} means nothing for a script, which decides that itself.",
                where=flag,
                hint="mlcc train --help",
            )
        )


def _marking(name: str, place: str) -> Callable[[], str]:
    return lambda: _content(name, place)


def _content(name: str, place: str) -> str:
    """Return the fingerprint of a channel's files.

    Raises:
        MlccError: they are not on this machine, or there are none.
    """
    where = f"--input {name}"
    if "://" in place:
        raise MlccError(
            f"{place} is not on this machine, where the script reads it.",
            where=where,
            hint=f"pass --input {name}=data/   # a file or a folder with a copy of it",
        )
    path = Path(place)
    if not path.exists():
        raise MlccError(
            f"There is nothing at {place}.",
            where=where,
            hint=looked_at(path.parent),
        )
    files = {path.name: path} if path.is_file() else script_files(path / "-", folder=True)
    if not files:
        raise MlccError(f"The folder {place} has no file.", where=where, hint=looked_at(path))
    return files_checksum(files)


def _copy(
    folder: JobFolder, asked: Mapping[str, Any], marks: Mapping[str, Any], code: Path
) -> None:
    """Copy script and requirements, which must be as they were when they were asked for."""
    with atomic_folder(code) as draft:
        for place, path in script_files(asked["script"], folder=asked["folder"]).items():
            (draft / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, draft / place)
        _check(asked["script"], draft, asked["folder"], marks.get("script"))
        if asked["requirements"] is not None:
            shutil.copyfile(asked["requirements"], folder.path / REQUIREMENTS)


def _check(script: str, copied: Path, whole: bool, expected: object) -> None:
    files = script_files(copied / Path(script).name, folder=whole)
    if files_checksum(files) != expected:
        raise PlatformError(
            f"The script {script} changed before the job began with it.",
            hint="./do/train --status",
        )


def _channel(folder: JobFolder, name: str, place: str) -> Path:
    """Return the folder of a channel: for a file alone, one with a link to it."""
    path = Path(place)
    if path.is_dir():
        return path
    channel = folder.path / INPUTS / name
    channel.mkdir(parents=True, exist_ok=True)
    link = channel / path.name
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    return channel
