"""Calls that end in time, though the client of a service may wait for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from mlcc_core.errors import TransientError

T = TypeVar("T")


class TimeIsUp(Exception):
    """A call did not return in time; it may still have an effect."""


def within(seconds: float, call: Callable[[], T], *, service: str, hint: str | None = None) -> T:
    """Return what a call returns, or give up on it: for a client that has no time limit.

    The call runs in a thread of its own. One that never returns is left behind there, may still
    have an effect, and does not keep the process from ending.

    Args:
        seconds: that it may take.
        call: sends a request and waits for the answer.
        service: that is asked, in messages: "The cluster at http://127.0.0.1:8265".
        hint: the command that helps where there is no answer; by default the same once more.

    Raises:
        TransientError: it took longer.
        Exception: whatever the call raises.

    Example:
        >>> within(20, lambda: client.status(name), service="The cluster")
        'running'
    """
    try:
        return answered(seconds, call, f"within {seconds:g} s")
    except TimeIsUp:
        raise TransientError(
            f"{service} did not answer within {seconds:g} seconds.",
            hint=hint or "run the same command again",
        ) from None


def answered(seconds: float, call: Callable[[], T], name: str) -> T:
    """Return what a call returns, which runs in a thread that is left behind if it takes longer.

    Args:
        seconds: that it may take.
        call: what is called.
        name: of the thread.

    Raises:
        TimeIsUp: it took longer.
        Exception: whatever the call raises.
    """
    returned: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            returned.append(call())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not returned:
        raise TimeIsUp
    return returned[0]
