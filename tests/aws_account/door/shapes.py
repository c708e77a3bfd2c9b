"""Does a value fit a shape of botocore's service model? Every violation, in the service's words."""

from __future__ import annotations

import base64
import binascii
import functools
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

UNICODE_CLASSES = {
    r"\p{L}": "a-zA-Z\u00c0-\uffff",
    r"\p{M}": "\u0300-\u036f",
    r"\p{Z}": r"\s",
    r"\p{N}": r"\d",
    r"\p{S}": "$+<=>^`|~\u00a2-\u00bf",
    r"\p{P}": r"""!-#%-*,-/:;?@\[-\]_{}\u00a1-\u00bf\u2010-\u2027""",
}
"""Java's character classes, which ``re`` lacks, as ranges that are close enough."""

ANYTHING = re.compile("(?s:.*)")
SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float, str, datetime),
}


def violations(shape: Any, value: Any, path: str = "") -> list[str]:
    """Everything about ``value`` that ``shape`` (botocore's) does not allow.

    Checked are types, required and unknown members, enumerations, patterns, lengths and ranges.
    Each entry reads like the services' own: ``Value … at 'roleArn' failed to satisfy constraint``.
    """
    return list(_violations(shape, value, path))


def message(found: list[str]) -> str:
    """The text of a ``ValidationException`` for these violations."""
    noun = "error" if len(found) == 1 else "errors"
    return f"{len(found)} validation {noun} detected: " + "; ".join(found)


def _violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "structure":
        yield from _structure(shape, value, path)
    elif kind == "list":
        yield from _list(shape, value, path)
    elif kind == "map":
        yield from _map(shape, value, path)
    elif kind == "blob":
        yield from _blob(value, path)
    else:
        yield from _scalar(shape, value, path)


def _structure(shape: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield _failed(value, path, "Member must be a structure")
        return
    if getattr(shape, "is_document_type", False):
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield _failed(None, _join(path, name), "Member must not be null")
    known = {s.serialization.get("name", n): s for n, s in shape.members.items()} | shape.members
    for name, member in value.items():
        if name not in known:
            members = ", ".join(sorted(shape.members))
            yield f"Unknown member '{_join(path, name)}' (known: {members})"
        elif member is not None:
            yield from _violations(known[name], member, _join(path, name))
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        yield _failed(value, path, "Exactly one member must be set")


def _list(shape: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield _failed(value, path, "Member must be a list")
        return
    yield from _size(shape, len(value), value, path)
    for index, member in enumerate(value, start=1):
        yield from _violations(shape.member, member, f"{path}.{index}.member")


def _map(shape: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield _failed(value, path, "Member must be a map")
        return
    yield from _size(shape, len(value), value, path)
    for key, member in value.items():
        yield from _violations(shape.key, key, f"{path}.{key}.key")
        yield from _violations(shape.value, member, f"{path}.{key}.value")


def _blob(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str):
        try:
            base64.b64decode(value, validate=True)
        except binascii.Error:
            yield _failed(value, path, "Member must be base64")
    elif not isinstance(value, bytes):
        yield _failed(value, path, "Member must be a blob")


def _scalar(shape: Any, value: Any, path: str) -> Iterator[str]:
    allowed = SCALARS.get(shape.type_name, (object,))
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        yield _failed(value, path, f"Member must be of type {shape.type_name}")
        return
    if not isinstance(value, str) or shape.type_name != "string":
        if isinstance(value, (int, float)) and shape.type_name != "boolean":
            yield from _range(shape, value, path)
        return
    yield from _size(shape, len(value), value, path)
    if shape.enum and value not in shape.enum:
        yield _failed(value, path, f"Member must satisfy enum value set: {list(shape.enum)}")
    pattern = shape.metadata.get("pattern")
    if pattern and not readable(pattern).fullmatch(value):
        yield _failed(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _size(shape: Any, size: int, value: Any, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _failed(value, path, f"Member must have length greater than or equal to {least}")
    if most is not None and size > most:
        yield _failed(value, path, f"Member must have length less than or equal to {most}")


def _range(shape: Any, value: float, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        yield _failed(value, path, f"Member must have value greater than or equal to {least}")
    if most is not None and value > most:
        yield _failed(value, path, f"Member must have value less than or equal to {most}")


@functools.cache
def readable(pattern: str) -> re.Pattern[str]:
    """A model's pattern for ``re``; one that ``re`` cannot read allows everything."""
    for java, python in UNICODE_CLASSES.items():
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error:  # a dozen of the models' patterns are Java's alone, or mistaken
        return ANYTHING


def _failed(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{_camel(path)}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _camel(path: str) -> str:
    return ".".join(part[:1].lower() + part[1:] for part in path.split("."))
