"""Values of settings: read strictly by the annotation of a field, and described in words."""

from __future__ import annotations

import enum
import math
import re
import types
import typing
from collections.abc import Iterator
from typing import Any, Literal

COUNTED = re.compile(r"\[.*\]")
"""Part of a literal that stands for a number: ``pissa_niter_[number of iters]``."""

WORDS: dict[object, str] = {
    bool: "true or false",
    int: "an integer",
    float: "a number",
    str: "text",
    type(None): "null",
}


class Unfit(ValueError):
    """The value is none that the annotation allows."""


def read(annotation: Any, value: Any) -> Any:
    """Return a value of JSON as the annotation has it.

    Args:
        annotation: of a field, resolved.
        value: as JSON or text.

    Raises:
        Unfit: it is of another type.

    Example:
        >>> read(float, 1)
        1.0
        >>> read(list[str], "q_proj,v_proj")
        ['q_proj', 'v_proj']
    """
    allowed = members(annotation)
    if value == "none" and type(None) in allowed and str not in allowed:
        return None
    for member in allowed:
        try:
            return _as(member, value)
        except Unfit:
            continue
    raise Unfit


def in_words(annotation: Any) -> str:
    """Describe the values that an annotation allows: ``an integer or null``."""
    allowed = members(annotation)
    if float in allowed:
        allowed = [member for member in allowed if member is not int]
    nothing = type(None)
    last = sorted(allowed, key=lambda member: member is nothing)
    return " or ".join(dict.fromkeys(_words(member) for member in last))


def named(annotation: Any) -> Iterator[Any]:
    """Yield the values that an annotation names one by one."""
    for member in members(annotation):
        if _is_enum(member):
            yield from (each.value for each in member)
        elif _origin(member) is Literal:
            yield from typing.get_args(member)


def members(annotation: Any) -> list[Any]:
    """Return the types that a value may have which JSON can say, the strictest first.

    Where an enumeration names its values or JSON an object, any other text is wrong.
    """
    found = [member for member in _flat(annotation) if _rank(member) is not None]
    if any(_is_enum(member) or _origin(member) is dict for member in found):
        found = [member for member in found if member is not str]
    if found == [type(None)]:
        return []
    return sorted(found, key=lambda member: _rank(member) or 0)


def _flat(annotation: Any) -> Iterator[Any]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from _flat(part)
    else:
        yield annotation


def _origin(member: Any) -> Any:
    return typing.get_origin(member) or member


def _is_enum(member: Any) -> bool:
    return isinstance(member, type) and issubclass(member, enum.Enum)


def _rank(member: Any) -> int | None:
    """Return the place of a type among those that are tried; ``None`` for what JSON has not."""
    order = (type(None), bool, int, float, Literal, enum.Enum, list, tuple, dict, str, Any)
    found = enum.Enum if _is_enum(member) else _origin(member)
    return order.index(found) if found in order else None


def _as(member: Any, value: Any) -> Any:
    origin, parts = _origin(member), typing.get_args(member)
    if member is Any:
        return value
    if _is_enum(member):
        fits = value in [each.value for each in member]
    elif origin is Literal:
        fits = any(_is_literal(each, value) for each in parts)
    elif origin in (list, tuple):
        return _as_list(origin, parts, value)
    elif origin is dict:
        if not isinstance(value, dict):
            raise Unfit
        return {key: read(parts[1], each) for key, each in value.items()} if parts else value
    elif member is float:
        return _as_float(value)
    else:
        fits = type(value) is member
    if not fits:
        raise Unfit
    return value


def _as_float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unfit
    try:
        number = float(value)
    except OverflowError:
        raise Unfit from None
    if not math.isfinite(number):
        raise Unfit
    return number


def _as_list(origin: Any, parts: tuple[Any, ...], value: Any) -> list[Any]:
    if isinstance(value, str) and origin is list and str in parts and "," in value:
        value = [part.strip() for part in value.split(",")]
    if not isinstance(value, list) or value == [] or "" in value:
        raise Unfit
    if origin is tuple and len(value) != len(parts):
        raise Unfit
    kinds = parts * len(value) if origin is list else parts
    return [read(kind, each) for kind, each in zip(kinds, value, strict=True)] if parts else value


def _is_literal(allowed: Any, value: Any) -> bool:
    if isinstance(allowed, str) and isinstance(value, str) and COUNTED.search(allowed):
        before, after = COUNTED.split(allowed, maxsplit=1)
        return bool(re.fullmatch(re.escape(before) + r"\d+" + re.escape(after), value))
    return type(value) is type(allowed) and bool(value == allowed)


def _words(member: Any) -> str:
    origin, parts = _origin(member), typing.get_args(member)
    if member is Any:
        return "any JSON"
    if _is_enum(member):
        return "one of " + ", ".join(str(each.value) for each in member)
    if origin is Literal:
        return "one of " + ", ".join(str(part).lower() for part in parts)
    if origin in (list, tuple):
        return "a JSON list" + (f" of {_many(parts[0])}" if parts else "")
    return "a JSON object" if origin is dict else WORDS[member]


def _many(part: Any) -> str:
    return {str: "texts", int: "integers", float: "numbers"}.get(part, "lists")
