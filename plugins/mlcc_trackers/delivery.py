"""A queue and a thread for each run: a tracker that is slow, down or silent costs the run nothing.

The command that watches a run only puts news in the queue. At the end it waits for the thread, for
a few seconds in all besides the import of its package, and never for one that has just failed.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from threading import Condition, Thread

from mlcc_core.helpers import one_line
from mlcc_trackers.tracker import Point, Tracker

Task = Callable[[], None]

LOADING = 120.0
"""Seconds in which a package must have been imported, which a busy machine makes long."""

PATIENCE = 6.0
"""Seconds that one process waits for trackers, in all: more than a request of theirs may take."""

PAUSE = 20.0
"""Seconds after a failure until the tracker is tried again."""

SILENT = "it does not answer."
"""The reason where a tracker takes more time than there is."""

AT_ONCE = 50
"""Steps that are sent together, at most: a failure in their midst sends all of them again."""


@dataclass
class Patience:
    """The time that this process still waits for trackers.

    Attributes:
        seconds: left; those count that ended with news which no tracker took.
        warned: it was said that one of them does not answer.
    """

    seconds: float = PATIENCE
    warned: bool = False

    def warn(self, say: Callable[[str], None], place: str, why: str) -> None:
        """Say that a tracker does not answer, unless that was said."""
        if not self.warned:
            self.warned = True
            say(f"⚠️  {place} does not take the run, which is not affected: {why}")


class Delivery:
    """The news of one run on their way to its tracker.

    Args:
        tracker: of the run.
        patience: shared by all runs of the process.
        say: takes a line about a tracker that does not answer.
    """

    def __init__(self, tracker: Tracker, patience: Patience, say: Callable[[str], None]) -> None:
        self.say = say
        self._tracker = tracker
        self._patience = patience
        self._news: deque[Point | Task] = deque()
        self._changed = Condition()
        self._loaded = self._loading = self._started = self._hurry = self._over = False
        Thread(target=self._work, name=f"tracker {tracker.name}", daemon=True).start()

    def put(self, news: Point | Task) -> None:
        """Send a step, or do something with the tracker, once all that came before is done."""
        with self._changed:
            self._news.append(news)
            self._changed.notify_all()

    def close(self) -> None:
        """Wait until all is delivered, for as long as there is patience, and end the thread.

        A tracker that failed before is tried once more.
        """
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            waited = self._wait_for_end(max(0.0, self._patience.seconds))
            late = not self._over
            if self._news:
                self._patience.seconds -= waited
        if late:
            self._patience.warn(self.say, self._tracker.place, SILENT)

    def _wait_for_end(self, seconds: float) -> float:
        """Wait for the thread; return how long, without the time in which it imported a package."""
        waited = 0.0
        while not self._over and waited < seconds:
            began = time.monotonic()
            self._changed.wait_for(lambda: self._loading or self._over, seconds - waited)
            waited += time.monotonic() - began
            if not self._changed.wait_for(lambda: not self._loading, LOADING):
                break
        return waited

    def _work(self) -> None:
        while self._wait_for_news():
            try:
                self._deliver()
            except Exception as error:  # a package may raise anything; the run goes on
                if self._gives_up(error):
                    break
        self._close_tracker()
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def _wait_for_news(self) -> bool:
        """Wait for news; return whether there are any, or all is delivered and the end has come."""
        with self._changed:
            self._changed.wait_for(lambda: self._news or self._hurry)
            return bool(self._news)

    def _deliver(self) -> None:
        if not self._loaded:
            self._tracker.reach()
            self._load()
        if not self._started:
            self._tracker.start()
            self._started = True
        with self._changed:
            first = self._news[0]
            steps = takewhile(lambda news: isinstance(news, Point), self._news)
            points = [point for point in islice(steps, AT_ONCE) if isinstance(point, Point)]
        if isinstance(first, Point):
            self._tracker.log(points)
        else:
            first()
        with self._changed:
            for _ in range(len(points) or 1):
                self._news.popleft()

    def _load(self) -> None:
        """Import the package, for which :meth:`close` waits longer."""
        self._set_loading(True)
        try:
            self._tracker.load()
            self._loaded = True
        finally:
            self._set_loading(False)

    def _set_loading(self, now: bool) -> None:
        with self._changed:
            self._loading = now
            self._changed.notify_all()

    def _gives_up(self, error: Exception) -> bool:
        """Return whether this was the last try; wait until the next one where it was not."""
        self._patience.warn(self.say, self._tracker.place, _reason(error))
        with self._changed:
            last = self._hurry
            if not last:
                self._changed.wait_for(lambda: self._hurry, PAUSE)
        return last

    def _close_tracker(self) -> None:
        if self._started:
            try:
                self._tracker.close()
            except Exception as error:  # as above
                self._patience.warn(self.say, self._tracker.place, _reason(error))


def _reason(error: Exception) -> str:
    """Return why a tracker failed, without the address, which may hold a password."""
    causes = list(_causes(error))
    if any("Timeout" in type(cause).__name__ or "timed out" in str(cause) for cause in causes):
        return SILENT
    if any(base.__name__ == "ConnectionError" for c in causes for base in type(c).__mro__):
        return "it cannot be reached."
    words = [word for word in one_line(error).split() if "://" not in word and "@" not in word]
    text = " ".join(words)
    return text if len(text) <= 160 else f"{text[:160]}…"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
