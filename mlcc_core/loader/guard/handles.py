"""Iterators and context managers of plugins, each step of which is guarded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType

from mlcc_core.loader.guard.owner import Owner, is_plugins_fault, watched
from mlcc_core.loader.guard.stdout import stdout_to_stderr


class Lines:
    """An iterator of a plugin; each step is guarded."""

    def __init__(self, lines: Iterator[object], owner: Owner, method: str) -> None:
        self._lines = lines
        self._owner = owner
        self._method = method

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> object:
        ended = False
        line: object = None
        with watched(self._owner, self._method):
            try:
                line = next(self._lines)
            except StopIteration:
                ended = True
        if ended:
            raise StopIteration
        return line

    def close(self) -> None:
        """End a generator before its end."""
        close = getattr(self._lines, "close", None)
        if close is not None:
            close()


class Entered:
    """A context manager of a plugin; entering and leaving are guarded, its block is not.

    Args:
        context: the plugin's.
        owner: the plugin.
        method: that gave it.
        wrap: makes what the block is given of what the plugin gives.
    """

    def __init__(
        self,
        context: AbstractContextManager[object],
        owner: Owner,
        method: str,
        wrap: Callable[[object], object] = lambda value: value,
    ) -> None:
        self._context = context
        self._wrap = wrap
        self._owner = owner
        self._method = method

    def __enter__(self) -> object:
        with watched(self._owner, self._method):
            value = self._context.__enter__()
        return self._wrap(value)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        try:
            with stdout_to_stderr():
                return self._context.__exit__(kind, error, traceback)
        except BaseException as raised:
            if raised is error or not is_plugins_fault(raised):
                raise  # of the block, or none of the plugin's doing
            raise self._owner.failure(self._method, raised) from raised
