"""Answers of plugins, checked against the type that the contract declares.

The outermost type is checked, the members of a list or tuple, and fields that take certain words
alone: enough to name the plugin that answers ``None``, text in place of bytes, a list of strings in
place of checks, or a job of an unknown status.
"""

from __future__ import annotations

import sys
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import fields, is_dataclass
from functools import cache
from io import TextIOBase
from types import NoneType, UnionType
from typing import Any, BinaryIO, TypeGuard, get_args, get_origin

CONTRACT = "mlcc_core.contract."
"""Begins the modules whose values are checked for the words that they hold."""


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
    if expected is NoneType:
        return None  # a method that promises nothing may return anything
    if _fits(answer, expected):
        return _wrong_word(answer)
    found = "None" if answer is None else type(answer).__name__
    origin, arguments = get_origin(expected), get_args(expected)
    if isinstance(origin, type) and isinstance(answer, origin) and _is_series(answer):
        strangers = (type(m).__name__ for m in answer if not _fits(m, arguments[0]))
        found += f" that holds {next(strangers, 'something else')}"
    return f"{found}, expected {_shown(expected)}"


def _wrong_word(answer: object) -> str | None:
    """Describe the first field of an answer that holds a word which the contract does not know."""
    for value in answer if isinstance(answer, (list, tuple)) else (answer,):
        for name, words in _words_of(type(value)).items():
            found = getattr(value, name)
            if found not in words:
                known = ", ".join(str(word) for word in words if word is not None)
                return f"{type(value).__name__} with {name} {found!r}, expected one of: {known}"
    return None


_WORDS: dict[type, Mapping[str, tuple[object, ...]]] = {}


def _words_of(kind: type) -> Mapping[str, tuple[object, ...]]:
    """Return the fields of a class of the contract that take certain words alone."""
    if kind not in _WORDS:
        found: dict[str, tuple[object, ...]] = {}
        if is_dataclass(kind) and kind.__module__.startswith(CONTRACT):
            hints = typing.get_type_hints(kind, _names(kind))
            found = {field.name: _literals(hints[field.name]) for field in fields(kind)}
        _WORDS[kind] = {name: words for name, words in found.items() if words}
    return _WORDS[kind]


def _literals(hint: object) -> tuple[object, ...]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is typing.Literal:
        return arguments
    if origin in (typing.Union, UnionType):
        parts = [(None,) if part is NoneType else _literals(part) for part in arguments]
        return tuple(word for part in parts for word in part) if all(parts) else ()
    return ()


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


def _is_series(answer: object) -> TypeGuard[Sequence[object]]:
    return isinstance(answer, Sequence) and not isinstance(answer, (str, bytes))


def _is_list(answer: object, origin: type, arguments: tuple[object, ...]) -> bool:
    if not _is_series(answer) or not isinstance(answer, origin):
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
        return f"a tuple{of}" if origin is tuple else f"a list{of}"
    kind = origin or expected
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _names(annotated: object) -> dict[str, Any]:
    """Return the names that annotations of the contract may use, imported when they are needed."""
    from mlcc_core.contract import job, source, tokens
    from mlcc_core.contract.technique import recipe

    if isinstance(annotated, type):
        names = vars(sys.modules[annotated.__module__])
    else:
        names = getattr(annotated, "__globals__", {})
    return {**vars(job), **vars(source), **vars(tokens), **vars(recipe), **names}
