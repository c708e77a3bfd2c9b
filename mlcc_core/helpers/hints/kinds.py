"""The kinds of commands that hints print, and the function that builds each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])

KINDS: dict[str, str] = {}
"""Module and name of the function that builds the commands of each kind."""


def hint_kind(kind: str) -> Callable[[F], F]:
    """Register a function as the one that builds the commands of a kind.

    The tests in ``tests/mlcc_core/helpers/hints`` run a command of each kind, and fail where one
    has no case.

    Raises:
        ValueError: another function builds them.
    """

    def register(function: F) -> F:
        place = f"{function.__module__}.{function.__qualname__}"
        if KINDS.setdefault(kind, place) != place:
            raise ValueError(f"commands of kind {kind!r} are built by {KINDS[kind]} already")
        return function

    return register
