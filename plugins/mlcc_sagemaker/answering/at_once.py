"""Several requests at once, their results as they come."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from threading import Event
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class AtOnce:
    """Asks for many results with a bounded number of threads.

    Close it when it is not needed any more: requests that wait are dropped then.

    Args:
        workers: requests that are on their way at most, over all calls of :meth:`each`.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="mlcc-ask")
        self._stops: list[Event] = []

    def close(self) -> None:
        """Drop what waits; what is on its way ends by itself."""
        for stop in self._stops:
            stop.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def each(self, step: Callable[[T, Event], R], items: Sequence[T]) -> Iterator[tuple[int, R]]:
        """Start at once, and yield the result for each item with its position, as they come.

        Few results wait to be taken, so that few are lost when the process is killed. After an
        error nothing more is begun; results that are under way are yielded, then it is raised.

        Args:
            step: takes an item, and an event that is set when its result is not wanted any more.
            items: in the order in which they are begun.
        """
        stop = Event()
        self._stops.append(stop)
        rest = iter(enumerate(items))
        running: dict[Future[R], int] = {}

        def refill() -> None:
            for index, item in islice(rest, self._workers - len(running)):
                running[self._threads.submit(step, item, stop)] = index

        refill()
        return self._collect(running, refill, stop)

    def _collect(
        self, running: dict[Future[R], int], refill: Callable[[], None], stop: Event
    ) -> Iterator[tuple[int, R]]:
        failures: list[BaseException] = []
        try:
            while running:
                ended, _ = wait(running, return_when=FIRST_COMPLETED)
                results: deque[tuple[int, R]] = deque()
                for future in ended:
                    index = running.pop(future)
                    if future.cancelled():
                        continue
                    error = future.exception()
                    if error is None:
                        results.append((index, future.result()))
                    else:
                        failures.append(error)
                if failures:
                    stop.set()
                    for future in running:
                        future.cancel()
                else:
                    refill()
                yield from results
            if failures:
                raise failures[0]
        finally:
            stop.set()
            for future in running:
                future.cancel()
