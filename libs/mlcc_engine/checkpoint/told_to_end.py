"""SIGTERM in a process that trains: the step at hand is finished and saved, where that may be."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

from mlcc_engine.listener import State, Stopped

GRACE = 20.0
"""Seconds that a step and its checkpoint may take; a machine that shuts down waits no longer."""


class ToldToEnd:
    """Stops a training when a signal says so: at once, or after the step at hand.

    A second signal stops it at once, unless its caller says how long it may take: then those who
    end the process wait so long, and whatever else comes meanwhile is passed over.

    Args:
        may_finish: asked when the signal comes; a user who stops a job wants no checkpoint.
        grace: seconds that the caller waits.

    Attributes:
        soon: the signal came, and the training is to save a checkpoint and stop.
    """

    def __init__(self, may_finish: Callable[[], bool], grace: float | None = None) -> None:
        self.soon = False
        self._grace = grace
        self._may_finish = may_finish
        self._state: State | None = None

    def listen(self) -> None:
        """Have SIGTERM call this object, in the main thread of a process."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGTERM, self._told)
        signal.signal(signal.SIGALRM, self._stop)

    def enter(self, state: State) -> None:
        """Take note of the state that the training enters."""
        self._state = state

    def ignore(self) -> None:
        """Let no signal disturb the process any more: it ends by itself."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def _told(self, signum: int, frame: FrameType | None) -> None:
        if self.soon and self._grace is not None:
            return
        if self.soon or self._state != "training" or not self._may_finish():
            self._stop(signum, frame)
        self.soon = True
        signal.setitimer(signal.ITIMER_REAL, self._grace or GRACE)

    def _stop(self, _signum: int, _frame: FrameType | None) -> None:
        self.ignore()
        raise Stopped
