"""Prefetching in a thread, with a bounded queue.

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


POLL_SECONDS = 0.2
"""Seconds after which a wait for the next item, or for room for it, starts again."""


class _End:
    """The end of a sequence of items, regular or by an error."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Prefetcher(Generic[T]):
    """Iterates in a thread; an error of the iterator is raised after the items before it.

    Use it as a context manager: leaving it waits for the current read, so that the files that the
    iterator reads can be closed. A generator is closed, too, in its thread.
    """

    def __init__(self, source: Iterator[T]) -> None:
        self._source = source
        self._queue: Queue[T | _End] = Queue(AHEAD)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mlcc-read", daemon=True)

    def __enter__(self) -> Iterator[T]:
        self._thread.start()
        return self._items()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stopped.set()
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            return  # a server that hangs must not delay Ctrl-C
        while self._thread.is_alive():
            while not self._queue.empty():
                self._queue.get()
            self._thread.join(0.01)

    def _take(self) -> T | _End:
        """Return the next item; notice Ctrl-C meanwhile, although Polars makes waits restart."""
        while True:
            with suppress(Empty):
                return self._queue.get(timeout=POLL_SECONDS)

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
        """Queue an item; return ``False`` if the consumer has left, even by Ctrl-C."""
        while not self._stopped.is_set():
            with suppress(Full):
                self._queue.put(item, timeout=POLL_SECONDS)
                return True
        return False


@contextmanager
def without_prefetch(source: Generator[T]) -> Iterator[Iterator[T]]:
    """Close a generator at the end; raise Ctrl-C within it, so that it does not wait."""
    try:
        yield source
    except KeyboardInterrupt as interrupt:
        with suppress(KeyboardInterrupt):
            source.throw(interrupt)
        raise
    finally:
        source.close()
