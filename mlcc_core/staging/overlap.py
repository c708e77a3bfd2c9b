"""Work on the items of an iterator side by side, and have the results in order.

Reading, parsing and encoding release the interpreter's lock for nearly all of their time: a few
threads, each of which takes the next item and works on it, keep as many cores busy while only a
few items are held.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

THREADS = 2
"""Items that are worked on at the same time; the engines have threads of their own besides."""

WAITING = 2
"""Results that may wait to be taken."""


class _End:
    """What comes after the last result: nothing, or what went wrong."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class SideBySide(Generic[T, R]):
    """Calls ``work`` for each item of ``source``, and iterates over the results in order.

    What ``source`` or ``work`` raises is raised in the place of its result, and ends the rest.
    ``source`` is asked by one thread at a time, ``work`` is called by several at once.

    Use it as a context manager: leaving it waits for the calls that are under way, so that whatever
    they read from can be closed.
    """

    def __init__(self, source: Iterator[T], work: Callable[[T], R]) -> None:
        self._source = source
        self._work = work
        self._reading = threading.Lock()
        self._taken = 0
        self._ended = False
        self._slots = threading.Semaphore(THREADS + WAITING)
        self._done = threading.Condition()
        self._results: dict[int, R | _End] = {}
        self._threads = [
            threading.Thread(target=self._run, name=f"mlcc-work-{n}", daemon=True)
            for n in range(THREADS)
        ]

    def __enter__(self) -> Iterator[R]:
        for thread in self._threads:
            thread.start()
        return self._in_order()

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._slots.release(THREADS)
        for thread in self._threads:
            thread.join()

    def _in_order(self) -> Iterator[R]:
        for place in itertools.count():
            with self._done:
                while place not in self._results:
                    self._done.wait()
                result = self._results.pop(place)
            self._slots.release()
            if not isinstance(result, _End):
                yield result
            elif result.error is not None:
                raise result.error
            else:
                return

    def _run(self) -> None:
        while True:
            self._slots.acquire()
            with self._reading:
                if self._ended:
                    return
                place, item = self._taken, self._next()
                self._taken += 1
            result = item if isinstance(item, _End) else self._call(item)
            with self._done:
                self._results[place] = result
                self._done.notify()

    def _next(self) -> T | _End:
        try:
            return next(self._source)
        except StopIteration:
            end = _End()
        except BaseException as error:
            end = _End(error)
        self._ended = True
        return end

    def _call(self, item: T) -> R | _End:
        try:
            return self._work(item)
        except BaseException as error:
            self._ended = True
            return _End(error)
