"""Slow work on pieces of data, done in order by a thread of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

WAITING = 4
"""Pieces that wait at most; another one is being worked on meanwhile."""


@contextmanager
def background_worker(work: Callable[[bytes], None]) -> Iterator[Callable[[bytes], None]]:
    """Start a thread that calls ``work``; yield the function that queues a piece for it.

    Leaving the context waits until all pieces are done; leaving it with an exception drops those
    that wait. Errors of ``work`` are raised by a later call, or on leaving.

    Example:
        >>> with background_worker(count_tokens) as queue:
        ...     queue(b'{"prompt": "a"}')
    """
    pool = ThreadPoolExecutor(1, "mlcc-background")
    waiting: deque[Future[None]] = deque()

    def queue(piece: bytes) -> None:
        while len(waiting) > WAITING:
            waiting.popleft().result()
        waiting.append(pool.submit(work, piece))

    try:
        yield queue
        while waiting:
            waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
