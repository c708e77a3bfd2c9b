"""The state of a job, from its folder alone; true whichever process was killed, and when."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast, get_args

from mlcc_core import Fault, JobState, JobStatus, ReportedSpec
from mlcc_core.helpers import disk_errors, restored_path, restored_paths
from mlcc_engine import job_result
from mlcc_engine.checkpoint.store import last_step
from mlcc_engine.job_result import LESS_MEMORY
from mlcc_folders.job import outputs
from mlcc_folders.job.folders import JobFolder, read_document
from mlcc_folders.job.log import last_lines
from mlcc_folders.job.progress import read_progress, with_numbers

PATIENCE = 60.0
"""Seconds that a job may take from its folder to its process; after them it never starts."""

LOG_LINES = 5
"""Lines of the log that are shown of a job that died."""

FINAL: tuple[JobStatus, ...] = ("completed", "failed", "stopped")

DIED = (
    "The training process died without a result: killed, or this machine ran out of memory.\n"
    f"{LESS_MEMORY}"
)
"""An exception would have left a result; a kill, which the system uses too, leaves none."""


@dataclass(frozen=True, slots=True)
class Life:
    """The life of a job, apart from what its folder says.

    Attributes:
        begun: it has run, now or before.
        runs_as: what runs it now, or keeps it in a queue until it begins, in words for the details
            of its state (``{"process": "4711"}``); ``None`` when nothing does.
    """

    begun: bool
    runs_as: Mapping[str, str] | None = None


class GoingOn(TypedDict):
    """Fields of a job's state about an interrupted job."""

    interrupted: bool
    saved_step: int | None


ReadSpec = Callable[[Mapping[str, object]], ReportedSpec]
"""Reads what a request body says, as ``JobRunner.read_spec`` does."""


def describe(
    folder: JobFolder, life_of: Callable[[JobFolder], Life], read_spec: ReadSpec
) -> JobState:
    """Return the state of the job now.

    Args:
        folder: of the job.
        life_of: whether it has begun, and what runs it; asked before the folder is looked at,
            because a job writes its result before it ends.
        read_spec: reads the body of its request.

    Raises:
        PlatformError: the folder cannot be read.
    """
    life = life_of(folder)
    result = read_document(folder.result)
    reported = reported_by(folder, read_spec)
    if result is not None and result.get("state") in FINAL:
        return _ended(folder, result, reported)
    if life.runs_as is not None:
        return _alive(folder, life.runs_as, reported, begun=life.begun)
    return _dead(folder, life.begun, reported)


def reported_by(folder: JobFolder, read_spec: ReadSpec) -> ReportedSpec | None:
    """Read what the job in ``folder`` says of itself.

    Args:
        folder: of the job.
        read_spec: reads the body of its request.

    Returns:
        ``None`` when its request was tampered with.
    """
    request, proof = read_document(folder.request), read_document(folder.proof)
    if request is None:
        return None
    try:
        # The record of the run is read alike: the project may have been moved since.
        body = restored_paths(folder.root, {**(proof or {}), "request": request})
        return read_spec(body)
    except (KeyError, TypeError, AttributeError):
        return None


def write_lost(folder: JobFolder, reason: str) -> None:
    """Write down that the job will never start.

    Args:
        folder: of the job.
        reason: why, for the user.

    Raises:
        PlatformError: the disk refuses.
    """
    lost = job_result.JobResult("failed", fault="platform", reason=reason)
    with disk_errors(doing=f"start the job {folder.name}"):
        job_result.write(folder.path, lost)


def _ended(folder: JobFolder, result: dict[str, object], reported: ReportedSpec | None) -> JobState:
    status = cast("JobStatus", result["state"])
    fault = result.get("fault")
    known = fault if fault in get_args(Fault) else "job"
    reasons = [str(result[key]) for key in ("reason", "hint") if result.get(key)]
    output = _output(folder, result) if status == "completed" else None
    return JobState(
        name=folder.name,
        status=status,
        phase=status.capitalize(),
        progress=with_numbers(read_progress(folder.progress), result.get("metrics")),
        reported=reported,
        artifacts=output,
        reason=None if status == "completed" else "\n".join(reasons) or None,
        fault=cast("Fault", known) if status == "failed" else None,
        started=modified(folder.request),
        ended=modified(folder.result),
        details={**_details(result.get("details")), "log": str(folder.log)},
        warnings=(*_lines(result.get("warnings")), *_gone(output)),
        **_going_on(folder, status, known),
    )


def _output(folder: JobFolder, result: Mapping[str, object]) -> str:
    """Return where the output lies now: the project may have been moved since."""
    written = str(result.get("output") or folder.output)
    if Path(written).parts[-2:] in ((outputs.FOLDER, folder.name), (folder.name, "output")):
        return str(folder.output)
    return restored_path(folder.root, written)


def _gone(output: str | None) -> tuple[str, ...]:
    """Warn of an output that somebody moved or removed."""
    return (
        ()
        if output is None or Path(output).is_dir()
        else (f"The output is gone: {output}; with --force it is made again.",)
    )


def _alive(
    folder: JobFolder, runs_as: Mapping[str, str], reported: ReportedSpec | None, *, begun: bool
) -> JobState:
    progress = read_progress(folder.progress, time.time())
    status: JobStatus = "running" if begun else "pending"
    phase = "Training" if progress else "Loading" if begun else "Pending"
    if folder.stop.exists():
        status, phase = "stopping", "Stopping"
    return JobState(
        name=folder.name,
        status=status,
        phase=phase,
        progress=progress,
        reported=reported,
        started=modified(folder.request),
        details={"log": str(folder.log), **runs_as},
        warnings=_warned(folder),
    )


def _dead(folder: JobFolder, begun: bool, reported: ReportedSpec | None) -> JobState:
    """Of a job without a result that nothing runs: it begins, was stopped, or was killed."""
    created = modified(folder.request)
    status: JobStatus = "failed"
    reason: str | None = DIED
    fault: Fault | None = "platform"
    if folder.stop.exists():
        status, reason, fault = "stopped", "it was asked to stop", None
    elif not begun and created is not None and abs(time.time() - created) < PATIENCE:
        status, reason, fault = "pending", None, None
    elif not begun:
        reason, fault = "The job was never started: what submitted it was interrupted.", "platform"
    ending = last_lines(folder.log, LOG_LINES) if status == "failed" else []
    return JobState(
        name=folder.name,
        status=status,
        phase=status.capitalize(),
        progress=read_progress(folder.progress),
        reported=reported,
        reason="\n".join([reason, *ending]) if reason else None,
        fault=fault,
        started=created,
        ended=modified(folder.log) or modified(folder.lock) if status != "pending" else None,
        details={"log": str(folder.log)},
        **_going_on(folder, status, fault),
    )


def _going_on(folder: JobFolder, status: JobStatus, fault: object) -> GoingOn:
    """Return how a job can go on: one for whose end the platform alone is to blame."""
    if status != "failed" or fault != "platform":
        return {"interrupted": False, "saved_step": None}
    return {"interrupted": True, "saved_step": last_step(folder.path)}


def _warned(folder: JobFolder) -> tuple[str, ...]:
    """List the job's warnings so far."""
    try:
        return tuple(folder.warnings.read_text(encoding="utf-8").splitlines())
    except OSError:
        return ()


def _lines(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _details(value: object) -> dict[str, str]:
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, dict) else {}


def modified(path: Path) -> float | None:
    """Return the time when ``path`` was last written, in seconds since 1970.

    ``None`` without a file.
    """
    try:
        return path.stat().st_mtime
    except OSError:
        return None
