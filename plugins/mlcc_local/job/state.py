"""The state of a job, from its folder alone; true whichever process was killed, and when."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import cast, get_args

from mlcc_core import Fault, JobState, JobStatus
from mlcc_core.helpers import restored_path
from mlcc_engine.job_result import LESS_MEMORY
from mlcc_local.job import process
from mlcc_local.job.folders import JobFolder, read_document
from mlcc_local.job.log import last_lines
from mlcc_local.job.progress import read_progress
from mlcc_local.request.request import spec_of

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


def describe(folder: JobFolder) -> JobState:
    """The job now.

    Raises:
        PlatformError: the folder cannot be read.
    """
    # In this order: a lock that is there comes to be held before its name does, and a process
    # writes its result before it lets go of it.
    begun = folder.lock.exists()
    holder = process.owner(folder.lock)
    result = read_document(folder.result)
    if result is not None and result.get("state") in FINAL:
        return _ended(folder, result)
    if holder is not None:
        return _alive(folder, holder)
    return _dead(folder, begun)


def _ended(folder: JobFolder, result: dict[str, object]) -> JobState:
    status = cast("JobStatus", result["state"])
    fault = result.get("fault")
    known = fault if fault in get_args(Fault) else "job"
    reasons = [str(result[key]) for key in ("reason", "hint") if result.get(key)]
    return JobState(
        name=folder.name,
        status=status,
        phase=status.capitalize(),
        progress=read_progress(folder.progress),
        reported=spec_of(folder),
        artifacts=_output(folder, result) if status == "completed" else None,
        reason=None if status == "completed" else "\n".join(reasons) or None,
        fault=cast("Fault", known) if status == "failed" else None,
        started=modified(folder.request),
        ended=modified(folder.result),
        details={"log": str(folder.log)},
        warnings=_lines(result.get("warnings")),
    )


def _output(folder: JobFolder, result: Mapping[str, object]) -> str:
    """Return where the output lies now: the project may have been moved since."""
    output = str(result.get("output") or folder.output)
    return restored_path(folder.path.parents[2], output)


def _alive(folder: JobFolder, holder: int) -> JobState:
    progress = read_progress(folder.progress, time.time())
    stopping = folder.stop.exists()
    phase = "Stopping" if stopping else "Training" if progress else "Loading"
    return JobState(
        name=folder.name,
        status="stopping" if stopping else "running",
        phase=phase,
        progress=progress,
        reported=spec_of(folder),
        started=modified(folder.request),
        details={"log": str(folder.log), "process": str(holder)},
        warnings=_warned(folder),
    )


def _dead(folder: JobFolder, begun: bool) -> JobState:
    """Of a job without a result that no process runs: it begins, was stopped, or was killed."""
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
        reported=spec_of(folder),
        reason="\n".join([reason, *ending]) if reason else None,
        fault=fault,
        started=created,
        ended=modified(folder.log) or modified(folder.lock) if status != "pending" else None,
        details={"log": str(folder.log)},
    )


def _warned(folder: JobFolder) -> tuple[str, ...]:
    """List the job's warnings so far."""
    try:
        return tuple(folder.warnings.read_text(encoding="utf-8").splitlines())
    except OSError:
        return ()


def _lines(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def modified(path: Path) -> float | None:
    """Return the time when ``path`` was last written, in seconds since 1970.

    ``None`` without a file.
    """
    try:
        return path.stat().st_mtime
    except OSError:
        return None
