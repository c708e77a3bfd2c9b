"""Calls at the end of a command, while modules can still be imported and threads be started."""

from __future__ import annotations

import atexit
from collections.abc import Callable

_calls: list[Callable[[], None]] = []


def at_end(call: Callable[[], None]) -> None:
    """Call something once, at the end of the command, or of a program that uses mlcc.

    Example:
        >>> at_end(queue.flush)
    """
    if not _calls:
        atexit.register(run_endings)
    _calls.append(call)


def run_endings() -> None:
    """Make the calls of :func:`at_end`, the latest first."""
    while _calls:
        _calls.pop()()
    atexit.unregister(run_endings)
