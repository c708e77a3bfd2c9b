"""Calls that fail on request."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager


class Faults:
    """Counts the calls of a fake, and makes those fail that a test wants to fail.

    Attributes:
        calls: names of the methods that were called, in order.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._before: defaultdict[str, deque[BaseException]] = defaultdict(deque)
        self._after: defaultdict[str, deque[BaseException]] = defaultdict(deque)

    def fail(self, method: str, *errors: BaseException, after: bool = False) -> None:
        """Make the next calls of ``method`` raise ``errors``, one a call.

        Args:
            method: its name.
            *errors: raised one a call, in this order.
            after: the call does its work first, then raises: a job that was created although
                the answer got lost.
        """
        (self._after if after else self._before)[method].extend(errors)

    @contextmanager
    def call(self, method: str) -> Iterator[None]:
        """Around the work of ``method``."""
        self.calls.append(method)
        if self._before[method]:
            raise self._before[method].popleft()
        yield
        if self._after[method]:
            raise self._after[method].popleft()
