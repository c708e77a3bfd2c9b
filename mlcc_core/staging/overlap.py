"""Reading ahead and writing behind: each in a thread of its own, with a bounded queue.

Reading, converting and writing release the interpreter's lock for nearly all of their time, so
that two threads keep two cores busy while only a few batches are held.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Generic, TypeVar

T = TypeVar("T")

AHEAD = 1
"""Batches that wait to be converted; another one is being read meanwhile."""

BEHIND = 4
"""Pieces that wait to be written; another one is being written meanwhile."""


class _End:
    """What comes after the last item: nothing, or what went wrong."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class ReadAhead(Generic[T]):
    """Iterates in a thread; what the iterator raises is raised in its place.

    Use it as a context manager: leaving it waits for the read that is under way, so that whatever
    the iterator reads from can be closed.
    """

    def __init__(self, source: Iterator[T]) -> None:
        self._source = source
        self._queue: Queue[T | _End] = Queue(AHEAD)
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mlcc-read", daemon=True)

    def __enter__(self) -> Iterator[T]:
        self._thread.start()
        return self._items()

    def __exit__(self, *_: object) -> None:
        self._left.set()
        while self._thread.is_alive():
            while not self._queue.empty():
                self._queue.get()
            self._thread.join(0.01)

    def _items(self) -> Iterator[T]:
        while True:
            item = self._queue.get()
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
                self._queue.put(item)
                if self._left.is_set():
                    return
        except BaseException as error:
            end = _End(error)
        self._queue.put(end)


class WriteBehind:
    """Calls ``write`` in a thread, in order.

    Use it as a context manager: leaving it without an exception waits until all is written, and
    leaving it with one drops what waits. Once a write has failed, the next :meth:`put`, or
    leaving, raises what it raised.
    """

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._queue: Queue[bytes | None] = Queue(BEHIND)
        self._error: BaseException | None = None
        self._dropping = False
        self._thread = threading.Thread(target=self._run, name="mlcc-write", daemon=True)

    def __enter__(self) -> WriteBehind:
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._dropping = kind is not None
        self._queue.put(None)
        self._thread.join()
        if kind is None and self._error is not None:
            raise self._error

    def put(self, data: bytes) -> None:
        """Have ``data`` written."""
        if self._error is not None:
            raise self._error
        self._queue.put(data)

    def _run(self) -> None:
        while (data := self._queue.get()) is not None:
            if self._dropping or self._error is not None:
                continue
            try:
                self._write(data)
            except BaseException as error:
                self._error = error
