"""Durations as people type them (``90s``, ``15m``, ``2h``, ``1h30m``, ``1d``), and read them."""

from __future__ import annotations

import re

from mlcc_core.errors import MlccError

SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}

FORM = re.compile(r"(?:\d+(?:\.\d+)?[dhms])+\Z")
PART = re.compile(r"(\d+(?:\.\d+)?)([dhms])")


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
    if FORM.match(typed):
        found = sum(float(number) * SECONDS[unit] for number, unit in PART.findall(typed))
        if found > 0:
            return found
    raise MlccError(
        f"{flag} is {text!r}, expected a duration like 90s, 15m or 2h.",
        where=flag,
        hint=f"pass {flag} 2h",
    )


def duration_text(seconds: float) -> str:
    """Return seconds in words: ``75`` as ``1 min 15 s``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
