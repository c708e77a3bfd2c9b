"""Guarded calls of plugins: failures and wrong answers name the plugin and the method.

A method that raises, ends the process, prints or answers with a wrong type is the plugin's fault.
Its output goes to stderr, so that results on stdout stay whole.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any, TypeVar, cast

from mlcc_core.errors import MlccError, PlatformError, PluginError, TransientError
from mlcc_core.helpers.text import one_line
from mlcc_core.loader.answers import expected_of, wrong
from mlcc_core.loader.blame import Blame
from mlcc_core.loader.entry_points import Origin, disable_hint

T = TypeVar("T")

LOOK_SECONDS = 120.0
"""The longest time that a plugin's look at jobs may take; a client without a time limit of its own
would hang for ever."""


@dataclass(frozen=True)
class Owner:
    """The plugin that a guarded object belongs to.

    Attributes:
        label: for messages: ``platform ray``.
        origin: its distribution and version.
        blame: finds the plugin that is guilty of an error, which may be another one.
    """

    label: str
    origin: Origin
    blame: Blame

    def failure(self, method: str, error: BaseException) -> MlccError:
        """Make the error for an exception that left ``method``."""
        guilty = self.blame.guilty(error)
        origin, where = guilty or (self.origin, method)
        if origin == self.origin or origin is None:
            who = f"{self.label[:1].upper()}{self.label[1:]} ({self.origin})"
            what = f"{who} failed in {method}: {one_line(error)}"
        else:
            name = origin.entry_point or origin.value
            what = f"Plugin {name} ({origin}) failed in {where}: {one_line(error)}"
        kind = PlatformError if isinstance(error, OSError) else PluginError
        return kind(what, hint=_hint(origin))

    def wrong_answer(self, method: str, why: str) -> PluginError:
        """Make the error for an answer of a wrong type."""
        who = f"{self.label[:1].upper()}{self.label[1:]} ({self.origin})"
        return PluginError(f"{who}: {method} returned {why}.", hint=_hint(self.origin))


class Guard:
    """An object of a plugin, each of whose methods of the contract is called with care.

    Args:
        target: the plugin's object.
        contract: the class of the contract that it answers.
        owner: the plugin.
        timed: names of methods that must answer within :data:`LOOK_SECONDS`.
    """

    def __init__(
        self, target: object, contract: type, owner: Owner, timed: frozenset[str] = frozenset()
    ) -> None:
        self._target = target
        self._contract = contract
        self._owner = owner
        self._timed = timed

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        declared = getattr(self._contract, name, None)
        if name.startswith("_") or not callable(value) or not callable(declared):
            return value
        return self._guarded(name, value, declared)

    def _guarded(
        self, name: str, method: Callable[..., object], declared: Callable[..., object]
    ) -> Callable[..., object]:
        def call(*arguments: object, **keywords: object) -> object:
            if name in self._timed:
                answer = within(LOOK_SECONDS, self._owner, name, method, *arguments, **keywords)
            else:
                with watched(self._owner, name):
                    answer = method(*arguments, **keywords)
            why = wrong(answer, expected_of(declared))
            if why is not None:
                raise self._owner.wrong_answer(name, why)
            if isinstance(answer, Iterator):
                return _Lines(answer, self._owner, name)
            if isinstance(answer, AbstractContextManager) and not hasattr(answer, "read"):
                return _Entered(answer, self._owner, name)
            return answer

        return call


def guarded(target: T, contract: type, owner: Owner, *timed: str) -> T:
    """Return ``target`` with its methods of ``contract`` guarded, typed as before."""
    return cast("T", Guard(target, contract, owner, frozenset(timed)))


@contextmanager
def watched(owner: Owner, method: str) -> Iterator[None]:
    """Turn what leaves the block into an error that names the plugin, and its stdout to stderr.

    Raises:
        MlccError: as raised by the plugin, or made from another exception.
    """
    with _stdout_to_stderr(), named(owner, method):
        yield


@contextmanager
def named(owner: Owner, method: str) -> Iterator[None]:
    """Turn an exception that leaves the block into an error that names the plugin.

    Raises:
        MlccError: as raised by the plugin, or made from another exception.
    """
    try:
        yield
    except (MlccError, MemoryError, KeyboardInterrupt, GeneratorExit):
        raise  # said by the plugin, or none of its doing
    except (Exception, SystemExit) as error:
        raise owner.failure(method, error) from error


def within(
    seconds: float,
    owner: Owner,
    name: str,
    method: Callable[..., T],
    *arguments: object,
    **keywords: object,
) -> T:
    """Call ``method`` in a thread that is left behind after ``seconds``.

    Raises:
        TransientError: it has not answered in time.
    """
    answers: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with named(owner, name):
                answers.append(method(*arguments, **keywords))
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, name=f"{owner.label}.{name}", daemon=True)
    with _stdout_to_stderr():  # not in the thread, which may never come back
        thread.start()
        thread.join(seconds)
    if failures:
        raise failures[0]
    if not answers:
        raise TransientError(
            f"{owner.label[:1].upper()}{owner.label[1:]} ({owner.origin}) has not answered "
            f"{name} within {seconds:g} seconds.",
            hint=_hint(owner.origin),
        )
    return answers[0]


class _Lines:
    """An iterator of a plugin; each step is guarded."""

    def __init__(self, lines: Iterator[object], owner: Owner, method: str) -> None:
        self._lines = lines
        self._owner = owner
        self._method = method

    def __iter__(self) -> _Lines:
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


class _Entered:
    """A context manager of a plugin; entering and leaving are guarded, its block is not."""

    def __init__(self, context: AbstractContextManager[object], owner: Owner, method: str) -> None:
        self._context = context
        self._owner = owner
        self._method = method

    def __enter__(self) -> object:
        with watched(self._owner, self._method):
            return self._context.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        try:
            with _stdout_to_stderr():
                return self._context.__exit__(kind, error, traceback)
        except (MlccError, MemoryError, KeyboardInterrupt, GeneratorExit):
            raise
        except (Exception, SystemExit) as raised:
            if raised is error:
                raise  # of the block, not of the plugin
            raise self._owner.failure(self._method, raised) from raised


class _Redirection:
    """Counts who redirects stdout, as calls of plugins are nested and come from several threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.depth = 0

    @cached_property
    def saved(self) -> list[Any]:
        return []


_REDIRECTION = _Redirection()


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    with _REDIRECTION.lock:
        if _REDIRECTION.depth == 0:
            _REDIRECTION.saved[:] = [sys.stdout]
            sys.stdout = sys.stderr
        _REDIRECTION.depth += 1
    try:
        yield
    finally:
        with _REDIRECTION.lock:
            _REDIRECTION.depth -= 1
            if _REDIRECTION.depth == 0:
                sys.stdout = _REDIRECTION.saved.pop()


def _hint(origin: Origin | None) -> str | None:
    return disable_hint(origin.entry_point) if origin is not None and origin.entry_point else None
