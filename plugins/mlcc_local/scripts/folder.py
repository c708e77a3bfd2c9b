"""The folder of a job that runs a script.

It keeps copies of script and requirements, so that the job goes on with what it began with.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcc_core import PlatformError, files_checksum, script_files
from mlcc_core.helpers import atomic_folder, write_atomically
from mlcc_engine.checkpoint.store import FOLDER as CHECKPOINTS
from mlcc_engine.devices import count_gpus
from mlcc_folders.job.folders import JobFolder, read_document

COMMAND = (sys.executable, "-P", "-u", "-m", "mlcc_engine.scripting", "--detached")
"""The program that runs the script of the job whose folder is its last argument."""

CODE, REQUIREMENTS, INPUTS = "code", "requirements.txt", "inputs"
"""Places in a job's folder: of the copies, and of folders that hold a channel of one file."""


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
    from mlcc_engine.scripting import request as scripting

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
