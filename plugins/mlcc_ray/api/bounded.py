"""Calls that end in time: Ray's client waits for ever where a cluster accepts and never answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class TimeIsUp(Exception):
    """A call did not return in time; it may still have an effect."""


def within(seconds: float, call: Callable[[], T]) -> T:
    """Return what a call returns, or raise what it raises.

    The call runs in a thread of its own. One that never returns is left behind there, and does not
    keep the process from ending.

    Args:
        seconds: that it may take.
        call: is given up after them.

    Raises:
        TimeIsUp: it took longer.
    """
    returned: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            returned.append(call())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="mlcc-ray-call", daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not returned:
        raise TimeIsUp
    return returned[0]
