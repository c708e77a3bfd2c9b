"""One run of a script, from its packages to its output, and how it ended."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterable
from pathlib import Path

from mlcc_core.helpers import KILLED_CODES, atomic_folder
from mlcc_engine.job_result import JobResult
from mlcc_engine.scripting import packages
from mlcc_engine.scripting.commands import Commands
from mlcc_engine.scripting.request import ScriptRequest
from mlcc_engine.scripting.surroundings import environment

STOPPED = JobResult("stopped", reason="Stopped before it was finished.")

LINE_CHARACTERS = 300

KILLED = "The script was killed, as happens when memory runs out."

LEFT_NOTHING = "The script left nothing in SM_MODEL_DIR."


def run(request: ScriptRequest, commands: Commands) -> JobResult:
    """Run a script to its end.

    Args:
        request: of the job.
        commands: runs what has to be run; its signals are listened to.

    Raises:
        MlccError: its packages cannot be installed.
        OSError: its folders cannot be made, its program cannot be started, or its output cannot
            be kept.
    """
    _make_folders(request)
    if request.requirements is not None and request.packages is not None:
        packages.install(Path(request.requirements), Path(request.packages), commands)
    code = commands.run(request.words(), request.folder, environment(request))
    if commands.told:
        return STOPPED
    if code != 0:
        return _failed(code, commands.lines)
    return _kept(request)


def _make_folders(request: ScriptRequest) -> None:
    model = Path(request.model_dir)
    if request.output is not None and model.exists():
        shutil.rmtree(model)  # of a run that was cut off
    for folder in (request.model_dir, request.output_data_dir, request.checkpoint_dir):
        if folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)


def _failed(code: int, lines: Iterable[str]) -> JobResult:
    """Return the end of a script that did not end well; a kill is not its own fault."""
    if code in KILLED_CODES:
        return JobResult("failed", fault="platform", reason=KILLED)
    cause = f"was ended by {_name(-code)}" if code < 0 else f"ended with exit code {code}"
    last = next((line.strip() for line in reversed(list(lines)) if line.strip()), "")
    last = last if len(last) <= LINE_CHARACTERS else last[: LINE_CHARACTERS - 1] + "…"
    said = f": {last}" if last else " and printed nothing."
    return JobResult("failed", fault="job", reason=f"The script {cause}{said}")


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _kept(request: ScriptRequest) -> JobResult:
    """Put what the script left where it is kept."""
    model, data = Path(request.model_dir), Path(request.output_data_dir)
    warnings = () if any(model.iterdir()) else (LEFT_NOTHING,)
    details = {"further output": str(data)} if any(data.iterdir()) else {}
    if request.output is None:
        return JobResult("completed", str(model), warnings=warnings, details=details)
    output = Path(request.output)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        model.replace(output)
    except OSError:  # on another file system
        with atomic_folder(output) as draft:
            shutil.copytree(model, draft, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(model, ignore_errors=True)
    return JobResult("completed", str(output), warnings=warnings, details=details)
