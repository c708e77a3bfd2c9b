"""Spot instances that are taken back: told while a job waits for another one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

INTERRUPTED = "Interrupted"
AFTER = frozenset(
    {
        *(INTERRUPTED, "Starting", "Pending", "LaunchingMLInstances", "PreparingTrainingStack"),
        *("Downloading", "DownloadingTrainingImage", "Restarting"),
    }
)
"""Secondary states of a job whose instance was taken back, until it trains again."""

WAITING = "Waiting for a spot instance"


def is_spot(description: Mapping[str, Any]) -> bool:
    """Return whether a job runs on spot instances."""
    return bool(description.get("EnableManagedSpotTraining"))


def times_taken_back(description: Mapping[str, Any]) -> list[float]:
    """Return when spot instances were taken back, in seconds since 1970, in order."""
    found = []
    for transition in description.get("SecondaryStatusTransitions") or ():
        moment = transition.get("StartTime")
        if transition.get("Status") == INTERRUPTED and isinstance(moment, datetime):
            found.append(moment.timestamp())
    return found


def waits(description: Mapping[str, Any]) -> bool:
    """Return whether a job waits for an instance in the place of one that was taken back."""
    if description.get("TrainingJobStatus") != "InProgress":
        return False
    secondary = description.get("SecondaryStatus")
    return secondary == INTERRUPTED or (secondary in AFTER and bool(times_taken_back(description)))


def told(description: Mapping[str, Any], saved: int | None) -> str:
    """Say that an instance was taken back, and from where training goes on.

    Args:
        description: as ``DescribeTrainingJob`` answers.
        saved: the step of the newest checkpoint; 0 for those of a script, which counts its own
            steps; ``None`` for none.
    """
    times = times_taken_back(description)
    at = f" at {datetime.fromtimestamp(times[-1], UTC):%H:%M:%S} UTC" if times else ""
    if saved is None:
        goes_on = "the job begins again, as there is no checkpoint"
    elif saved == 0:
        goes_on = "the script finds its checkpoints again"
    else:
        goes_on = f"training goes on from step {saved}"
    return f"The spot instance was taken back{at}; waiting for another one, {goes_on}."
