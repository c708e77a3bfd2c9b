"""Turns: one thread computes at a time, and those that wait are served in a fair order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

SLICE = 0.2
"""Seconds after which the turn goes to another thread that waits for it."""


class Turns:
    """The turn, which one thread holds at a time.

    A thread that has not begun comes before those that go on, but for every second time: so the
    first token of a reply comes soon, and no reply is held up by many new ones.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._held = False
        self._since = 0.0
        self._new: deque[Event] = deque()
        self._begun: deque[Event] = deque()
        self._new_was_last = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the turn within the block, but for times in which it is handed on."""
        self._take(self._new)
        try:
            yield
        finally:
            self._give()

    def hand_on(self, *, begun: bool = False) -> bool:
        """Let others compute, if some wait and this thread has had its time; then go on.

        Args:
            begun: the thread has just begun, which is enough for now.

        Returns:
            Others did.
        """
        if not (self._new or self._begun):
            return False
        if not begun and time.monotonic() - self._since < SLICE:
            return False
        self._give()
        self._take(self._begun)
        return True

    def _take(self, queue: deque[Event]) -> None:
        with self._lock:
            if not self._held:
                self._held, self._since = True, time.monotonic()
                return
            called = Event()
            queue.append(called)
        called.wait()
        self._since = time.monotonic()

    def _give(self) -> None:
        """Give the turn to the next one, which has it from now on."""
        with self._lock:
            take_new = bool(self._new) and not (self._new_was_last and self._begun)
            self._new_was_last = take_new
            queue = self._new if take_new else self._begun
            if queue:
                queue.popleft().set()
            else:
                self._held = False
