"""Expiry of deployments: as it is given, kept, and reminded of by every later command."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone

from mlcc_core.actions.money.bill import exact_dollars
from mlcc_core.actions.runs.duration import seconds_of
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import duration_text
from mlcc_core.project.deployments import Deployment, remembered_deployments
from mlcc_core.project.project import Project

EXPIRES = "--expires"

SHORTEST, LONGEST = 60.0, 366 * 86_400.0
"""Seconds: less is a slip (``4`` is four seconds), more is as good as no expiry."""


def seconds_until(text: str) -> float:
    """Return the seconds that a deployment is to stand, as ``--expires`` says it.

    Raises:
        MlccError: it is not a duration, or not one from a minute to a year.

    Example:
        >>> seconds_until("4h")
        14400.0
    """
    seconds = seconds_of(text, EXPIRES)
    if not SHORTEST <= seconds <= LONGEST:
        found = "less than a minute" if seconds < SHORTEST else "more than 366 days"
        raise MlccError(
            f"{EXPIRES} is {text!r}, {found}: expected a duration like 30m, 4h or 2d.",
            where=EXPIRES,
            hint=f"pass {EXPIRES} 4h",
        )
    return seconds


def remind(project: Project, say: Callable[[str], None]) -> None:
    """Say which deployments expire, or have expired."""
    for line in reminders(project):
        say(f"⚠️  {line}")


def reminders(project: Project) -> Iterator[str]:
    """Yield a line for each deployment that expires, from the project's own files alone."""
    for found in remembered_deployments(project):
        if isinstance(found, MlccError):
            yield f"{found.what} {found.hint or ''}".rstrip()
        elif found.expires is not None:
            yield reminder(found, found.expires, time.time())


def reminder(deployment: Deployment, expires: float, now: float) -> str:
    """Return the line that reminds of a deployment.

    Args:
        deployment: as the project remembers it.
        expires: when, in seconds since 1970, UTC.
        now: likewise.

    Example:
        The deployment on aws costs $1.52 an hour since 2026-11-30 12:00 UTC; it expires in 3 h.
    """
    name = deployment.platform
    if expires <= now:
        ago = duration_text(now - expires)
        return (
            f"The deployment on {name} expired {ago} ago and may still cost money: "
            f"mlcc undeploy --expired --platform {name}"
        )
    hourly = deployment.hourly
    price = "by the hour" if hourly is None else f"{exact_dollars(hourly)} an hour"
    return (
        f"The deployment on {name} costs {price} since "
        f"{clock(deployment.began)}; it expires in {duration_text(expires - now)}."
    )


def clock(seconds: float) -> str:
    """Return a time for people, by this machine's clock: ``2026-11-30 16:00 UTC+01:00``."""
    at = datetime.fromtimestamp(seconds, UTC).astimezone()
    return f"{at:%Y-%m-%d %H:%M} {timezone(at.utcoffset() or timedelta())}"
