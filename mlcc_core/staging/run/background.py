"""Slow work on what passes by, in a thread of its own: only a few pieces wait for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

WAITING = 4
"""Pieces that wait at most; another one is being worked on meanwhile."""


@contextmanager
def background_worker(work: Callable[[bytes], None]) -> Iterator[Callable[[bytes], None]]:
    """A function that has ``work`` called with what it is given, in order, by a thread.

    Leaving the context waits until all is done; leaving it with an exception drops what waits.
    Errors of ``work`` are raised by a later call, or on leaving.
    """
    pool = ThreadPoolExecutor(1, "mlcc-background_worker")
    waiting: deque[Future[None]] = deque()

    def put(piece: bytes) -> None:
        while len(waiting) > WAITING:
            waiting.popleft().result()
        waiting.append(pool.submit(work, piece))

    try:
        yield put
        while waiting:
            waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
