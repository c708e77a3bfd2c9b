"""A job's description, read: status, progress, whose fault a failure is."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mlcc_core import Fault, JobStatus, Progress
from mlcc_sagemaker.job.metrics import LOSS, final_metrics

STATUS: Mapping[str, JobStatus] = {
    "InProgress": "running",
    "Completed": "completed",
    "Failed": "failed",
    "Stopping": "stopping",
    "Stopped": "stopped",
    "Deleting": "stopping",
}

BEFORE_TRAINING = frozenset(
    {
        *("Starting", "Pending", "LaunchingMLInstances", "PreparingTrainingStack"),
        *("Downloading", "DownloadingTrainingImage"),
    }
)

PERMISSION = re.compile(r"access ?denied|not authorized|forbidden|\b403\b", re.IGNORECASE)
QUOTA = re.compile(r"limit ?exceeded|quota|capacity ?error|insufficient ?capacity", re.IGNORECASE)
ACTION = re.compile(r"perform:? (?P<action>[\w-]+:[\w*]+)")
MEMORY = re.compile(r"out of memory|more memory|cannot allocate memory", re.IGNORECASE)
SERVICE = re.compile(r"internal ?server ?error|service ?unavailable", re.IGNORECASE)


def status_of(description: Mapping[str, Any]) -> JobStatus:
    """Return the status of the job."""
    status = STATUS.get(str(description.get("TrainingJobStatus")), "running")
    if status == "running" and description.get("SecondaryStatus") in BEFORE_TRAINING:
        return "pending"
    return status


def progress_of(description: Mapping[str, Any], now: float | None = None) -> Progress | None:
    """Return the progress of the job; ``None`` before training starts.

    A job that has ended may report its last numbers alone.

    ``ProgressInfo`` counts epochs from 1 and steps within the epoch.

    Args:
        description: SageMaker's answer about the job.
        now: seconds since 1970; the clock's by default.
    """
    metrics = final_metrics(description)
    loss = metrics.pop(LOSS, None)
    info = description.get("ProgressInfo") or {}
    in_epoch, epochs = info.get("TotalStepCountPerEpoch"), info.get("MaxEpoch")
    if not in_epoch or not epochs:
        return Progress(loss=loss, metrics=metrics) if metrics or loss is not None else None
    begun = max(int(info.get("CurrentEpoch") or 0) - 1, 0)
    step = min(begun * in_epoch + int(info.get("CurrentStep") or 0), in_epoch * epochs)
    steps = in_epoch * epochs
    rate = _rate(description, step, now)
    over = status_of(description) in ("completed", "failed", "stopped")
    return Progress(
        step=step,
        steps=steps,
        epoch=step / in_epoch,
        epochs=float(epochs),
        loss=loss,
        rate=rate,
        seconds_left=(steps - step) / rate if rate and not over else None,
        metrics=metrics,
    )


def _rate(description: Mapping[str, Any], step: int, now: float | None) -> float | None:
    """Steps a second since training began."""
    began = next(
        (
            transition.get("StartTime")
            for transition in description.get("SecondaryStatusTransitions") or ()
            if transition.get("Status") == "Training"
        ),
        None,
    )
    ended = seconds(description.get("TrainingEndTime"))
    start = seconds(began)
    if start is None or step <= 0:
        return None
    elapsed = (ended or now or time.time()) - start
    return step / elapsed if elapsed > 0 else None


def seconds(moment: object) -> float | None:
    """A time of the service as seconds since 1970."""
    return moment.timestamp() if isinstance(moment, datetime) else None


def reason_of(description: Mapping[str, Any], status: JobStatus) -> str | None:
    """Explain why a job failed or stopped, in the service's words; mend a missing permission."""
    if status == "stopped":
        why = {
            "MaxRuntimeExceeded": "it ran longer than allowed (MaxRuntimeExceeded)",
            "MaxWaitTimeExceeded": "it waited longer than allowed (MaxWaitTimeExceeded)",
        }
        return why.get(str(description.get("SecondaryStatus")), "it was asked to stop")
    if status != "failed":
        return None
    words = said_of_failure(description)
    if fault_of(words) == "permission":
        return f"{words}\n{mend_permission(words)}"
    return words


def said_of_failure(description: Mapping[str, Any]) -> str:
    """Return the service's words about a failed job."""
    words = str(description.get("FailureReason") or "") or _last_message(description)
    return words or "SageMaker gave no reason"


def mend_permission(words: str) -> str:
    """Return what mends a missing permission that the service's words name."""
    match = ACTION.search(words)
    if match is None:
        return "Provide the permissions with: mlcc bootstrap"
    missing = f"The permission {match['action']} is missing."
    if match["action"].startswith("kms:"):
        return f"{missing} Only the key's owner can give it: let the key's policy name the role."
    return f"{missing} Provide the permissions with: mlcc bootstrap"


def fault_of(words: str) -> Fault:
    """Tell the fault of a failure, by SageMaker's words.

    SageMaker begins with ``ClientError`` what is wrong with the request or the data, with
    ``AlgorithmError`` what training ran into, with ``InternalServerError`` what is its own fault.
    Memory that ran out comes under any of these names, and is the machine's.
    """
    if PERMISSION.search(words):
        return "permission"
    if QUOTA.search(words):
        return "quota"
    if MEMORY.search(words):
        return "platform"
    if words.startswith(("ClientError", "ValidationError", "DataError")):
        return "input"
    if SERVICE.search(words):
        return "platform"
    return "job"


def _last_message(description: Mapping[str, Any]) -> str:
    transitions = description.get("SecondaryStatusTransitions") or ()
    return str(transitions[-1].get("StatusMessage") or "") if transitions else ""
