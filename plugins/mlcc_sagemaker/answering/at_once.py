"""Several requests at once, their results as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from queue import SimpleQueue
from threading import Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R]):
    """The outcome of one item.

    Attributes:
        index: its position.
        results: the result; empty where it failed, or was not begun.
        error: of an item that failed.
    """

    index: int
    results: tuple[R, ...] = ()
    error: BaseException | None = None


class AtOnce:
    """Asks for many results with a few threads.

    The threads do not keep the process alive: a request that hangs delays no end of it. Close it
    when it is not needed any more: requests that wait are dropped then.

    Args:
        workers: requests that are on their way at most, over all calls of :meth:`each`.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._stops: list[Event] = []
        self._threads = [
            Thread(target=self._work, name=f"mlcc-ask-{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Drop what waits; what is on its way ends by itself."""
        for stop in self._stops:
            stop.set()
        for _ in self._threads:
            self._tasks.put(None)

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
        outcomes: SimpleQueue[Outcome[R]] = SimpleQueue()
        waiting = iter(enumerate(items))

        def begin(count: int) -> int:
            """Begin so many more, as far as there are any; how many were begun."""
            begun = list(islice(waiting, count))
            for index, item in begun:
                self._tasks.put(partial(task, index, item))
            return len(begun)

        def task(index: int, item: T) -> None:
            if stop.is_set():
                outcomes.put(Outcome(index))
                return
            try:
                outcomes.put(Outcome(index, (step(item, stop),)))
            except BaseException as error:
                outcomes.put(Outcome(index, error=error))

        return _results(outcomes, begin(self._workers), begin, stop)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()


def _results(
    outcomes: SimpleQueue[Outcome[R]], running: int, begin: Callable[[int], int], stop: Event
) -> Iterator[tuple[int, R]]:
    failure: BaseException | None = None
    try:
        while running:
            outcome = outcomes.get()
            running -= 1
            if outcome.error is not None:
                failure = failure or outcome.error
                stop.set()
            elif not stop.is_set():
                running += begin(1)
            for result in outcome.results:
                yield outcome.index, result
        if failure is not None:
            raise failure
    finally:
        stop.set()
