"""Requests under way: nothing of one test may reach into the next."""

from __future__ import annotations

import threading
from types import TracebackType

PATIENCE = 10.0
"""How long ``settle`` waits for the last request, in seconds."""


class Traffic:
    """Counts the requests that are being served, and holds back the slow ones."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way = 0
        self._hurry = False

    def __enter__(self) -> Traffic:
        with self._changed:
            self._under_way += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Hold a request back for so long, or until somebody settles."""
        with self._changed:
            self._changed.wait_for(lambda: self._hurry, seconds)

    def settle(self) -> None:
        """Wake the requests that are held back, and wait until all are served.

        Raises:
            RuntimeError: one has not been served for too long.
        """
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: self._under_way == 0, PATIENCE)
            self._hurry = False
        if not done:
            raise RuntimeError(f"{self._under_way} requests are still being served")
