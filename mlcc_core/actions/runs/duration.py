"""Durations as people type them: ``90s``, ``15m``, ``2h``, ``1h30m``, ``1d``."""

from __future__ import annotations

from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import duration_seconds


def seconds_of(text: str, flag: str) -> float:
    """Return a duration in seconds; a number without a unit is seconds.

    Args:
        text: as typed.
        flag: it was given to, for messages.

    Raises:
        MlccError: it is not a duration of more than nothing.

    Example:
        >>> seconds_of("1h30m", "--timeout")
        5400.0
    """
    typed = text.strip().lower()
    typed = f"{typed}s" if typed.replace(".", "", 1).isdecimal() else typed
    found = duration_seconds(typed)
    if found:
        return found
    raise MlccError(
        f"{flag} is {text!r}, expected a duration like 90s, 15m or 2h.",
        where=flag,
        hint=f"pass {flag} 2h",
    )
