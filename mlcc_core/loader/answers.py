"""Answers of plugins, checked against the type that the contract declares.

Only the outermost type is checked, and the members of a list or tuple: enough to name the plugin
that answers ``None``, text in place of bytes, or a list of strings in place of checks.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from io import TextIOBase
from types import NoneType, UnionType
from typing import Any, BinaryIO, get_args, get_origin


@cache
def expected_of(method: Callable[..., object]) -> object:
    """Return the declared return type of a method of the contract; ``Any`` where it has none."""
    try:
        return typing.get_type_hints(method, _names(method)).get("return", Any)
    except NameError:
        return Any


def wrong(answer: object, expected: object) -> str | None:
    """Describe how ``answer`` differs from the type ``expected``; ``None`` where it fits.

    Example:
        >>> wrong(None, Sequence[str])
        'None, expected a list'
    """
    if expected is NoneType or _fits(answer, expected):
        return None  # a method that promises nothing may return anything
    found = "None" if answer is None else type(answer).__name__
    origin, arguments = get_origin(expected), get_args(expected)
    if isinstance(origin, type) and isinstance(answer, origin) and isinstance(answer, Sequence):
        member = next((member for member in answer if not _fits(member, arguments[0])), None)
        found += f" that holds {type(member).__name__}"
    return f"{found}, expected {_shown(expected)}"


def _fits(answer: object, expected: object) -> bool:
    if expected is Any or isinstance(expected, (typing.TypeVar, str)):
        return True
    if expected is None or expected is NoneType:
        return answer is None
    if expected is BinaryIO:
        return hasattr(answer, "read") and not isinstance(answer, TextIOBase)
    origin, arguments = get_origin(expected), get_args(expected)
    if origin in (typing.Union, UnionType):
        return any(_fits(answer, option) for option in arguments)
    if origin is typing.Literal:
        return answer in arguments
    if origin in _MARKS:
        return all(hasattr(answer, mark) for mark in _MARKS[origin])
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return _is_list(answer, origin, arguments)
    kind = (int, float) if expected is float else origin or expected
    return not isinstance(kind, (type, tuple)) or isinstance(answer, kind)


def _is_list(answer: object, origin: type, arguments: tuple[object, ...]) -> bool:
    if not isinstance(answer, Sequence) or isinstance(answer, (str, bytes)):
        return False
    if not isinstance(answer, origin):
        return False
    if origin is tuple and arguments[-1] is not Ellipsis:
        return len(answer) == len(arguments)
    return all(_fits(member, arguments[0]) for member in answer)


_MARKS: Mapping[object, tuple[str, ...]] = {
    AbstractContextManager: ("__enter__", "__exit__"),
    Iterator: ("__next__",),
}
"""Types that are known by their methods."""


def _shown(expected: object) -> str:
    origin, arguments = get_origin(expected), get_args(expected)
    if origin in (typing.Union, UnionType):
        return " or ".join(_shown(option) for option in arguments)
    if expected is NoneType or expected is None:
        return "None"
    if expected is BinaryIO:
        return "a binary file"
    if origin is Iterator:
        return "an iterator"
    if origin is AbstractContextManager:
        return "a context manager"
    if isinstance(origin, type) and issubclass(origin, Sequence):
        of = f" of {_shown(arguments[0])}" if arguments and arguments[0] is not Any else ""
        return f"a list{of}"
    kind = origin or expected
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _names(method: Callable[..., object]) -> dict[str, Any]:
    """Return the names that annotations of the contract may use, imported when they are needed."""
    from mlcc_core.contract import job, source, tokens
    from mlcc_core.contract.technique import recipe

    names = getattr(method, "__globals__", {})
    return {**vars(job), **vars(source), **vars(tokens), **vars(recipe), **names}
