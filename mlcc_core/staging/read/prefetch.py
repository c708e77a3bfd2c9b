"""Reading ahead: in a thread of its own, with a bounded queue.

Reading and decoding release the interpreter's lock for nearly all of their time, as does writing:
two threads keep two cores busy while only a few batches are held.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

T = TypeVar("T")

AHEAD = 1
"""Batches that wait to be converted; another one is being read meanwhile."""


LOOK_UP = 0.2
"""Seconds after which a wait for the next item, or for room for it, is begun anew."""


class _End:
    """The end of a sequence of items: plain, or by an error."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Prefetcher(Generic[T]):
    """Iterates in a thread; what the iterator raises is raised in its place.

    Use it as a context manager: leaving it waits for the read that is under way, so that whatever
    the iterator reads from can be closed. A generator is closed, too, in its thread.
    """

    def __init__(self, source: Iterator[T]) -> None:
        self._source = source
        self._queue: Queue[T | _End] = Queue(AHEAD)
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mlcc-read", daemon=True)

    def __enter__(self) -> Iterator[T]:
        self._thread.start()
        return self._items()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._left.set()
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            return  # nobody who wants to go waits for a server that hangs
        while self._thread.is_alive():
            while not self._queue.empty():
                self._queue.get()
            self._thread.join(0.01)

    def _take(self) -> T | _End:
        """The next item; a Ctrl-C meanwhile is noticed, although Polars makes waits restart."""
        while True:
            with suppress(Empty):
                return self._queue.get(timeout=LOOK_UP)

    def _items(self) -> Iterator[T]:
        while True:
            item = self._take()
            if not isinstance(item, _End):
                yield item
            elif item.error is not None:
                raise item.error
            else:
                return

    def _run(self) -> None:
        end = _End()
        try:
            for item in self._source:
                if not self._put(item):
                    break
            if isinstance(self._source, Generator):
                self._source.close()
        except BaseException as error:
            end = _End(error)
        self._put(end)

    def _put(self, item: T | _End) -> bool:
        """Return whether somebody still wants the item.

        Whoever has left, even by a Ctrl-C, does not.
        """
        while not self._left.is_set():
            with suppress(Full):
                self._queue.put(item, timeout=LOOK_UP)
                return True
        return False


@contextmanager
def without_prefetch(source: Generator[T]) -> Iterator[Iterator[T]]:
    """A generator that is closed at the end; a Ctrl-C is raised in it, which may then not wait."""
    try:
        yield source
    except KeyboardInterrupt as interrupt:
        with suppress(KeyboardInterrupt):
            source.throw(interrupt)
        raise
    finally:
        source.close()
