"""Restarts of a job's workers: counted, explained, and given up in time."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from mlcc_core import PlatformError
from mlcc_core.helpers import plural
from mlcc_engine.job_result import JobResult
from mlcc_ray import checkpoints
from mlcc_ray.cluster.place import ATTEMPTS, LOST, Place

IN_VAIN = 3
"""Restarts in a row without a new checkpoint, after which a job is given up."""

UNKNOWN = "a worker process or its machine is gone"


def begin(place: Place, workers: int = 1) -> tuple[int, str | None, JobResult | None]:
    """Count a start of the workers.

    Args:
        place: of the job.
        workers: that train.

    Returns:
        The step of the newest checkpoint that all of them have, 0 without one; the reason of the
        restart, ``None`` for the first start of a driver; and the result of a job that is given up.

    Raises:
        PlatformError: the storage cannot be read or written.
    """
    known = place.read(ATTEMPTS) or {}
    step = max(checkpoints.common(place.storage, place.name, workers), default=0)
    began = bool(known)
    vain = _number(known.get("vain")) + 1 if began and step <= _number(known.get("step")) else 0
    reason = _reason(place) if began else None
    if vain > IN_VAIN:
        return step, reason, _given_up(vain, step, reason)
    place.write(ATTEMPTS, {"step": step, "vain": vain})
    return step, reason, None


def forget(place: Place) -> None:
    """Begin to count anew: the user asked for the job again.

    Raises:
        PlatformError: the storage refuses.
    """
    for name in (ATTEMPTS, LOST):
        place.storage.remove(place.path(name))


def explain(place: Place, error: BaseException | None) -> None:
    """Write down why workers are started anew.

    Args:
        place: of the job.
        error: as Ray Train tells it; one of its own says no more than that a worker is gone.
    """
    ours = error is not None and type(error).__module__.partition(".")[0] != "ray"
    reason = str(error) if ours else UNKNOWN
    with suppress(PlatformError):
        place.write(LOST, {"reason": " ".join(reason.split()).rstrip(".")})


def _reason(place: Place) -> str:
    document: Mapping[str, Any] = place.read(LOST) or {}
    return str(document.get("reason") or UNKNOWN)


def _given_up(vain: int, step: int, reason: str | None) -> JobResult:
    after = f"after the checkpoint at step {step}" if step else "before the first checkpoint"
    return JobResult(
        "failed",
        fault="platform",
        reason=f"The workers were lost {plural(vain, 'time')} in a row {after}: {reason}.",
        hint="see the log (mlcc logs), then run the same mlcc command again: it goes on",
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
