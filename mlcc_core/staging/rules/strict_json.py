"""One JSON object from one line, strictly: nothing is repaired, no error is ignored.

msgspec is fast, and strict about everything except duplicate keys; those are found by counting.
Lines that it refuses are parsed again, slowly, to explain what is wrong and where.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import msgspec

from mlcc_core.helpers.text import with_article
from mlcc_core.staging.model.row_issues import RowIssue, kind_of

ONE_OBJECT = "one JSON object on the line"
NO_END = "a value that does not end on the line"
AS_ELEMENT = "one JSON object as an element of the array"
PER_LINE = "one JSON object per line (`jq -c .` turns pretty-printed JSON into that)"
UTF_8 = "UTF-8 text (`iconv -f WINDOWS-1252 -t UTF-8` turns Windows-1252 into that)"

_DECODER = msgspec.json.Decoder()
_RAW_DECODER = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SURROGATE = re.compile(r"[\ud800-\udfff]")

encode = msgspec.json.Encoder().encode
"""Encodes a value as compact JSON in UTF-8; integers of any size are exact."""


def parse_object(line: bytes) -> dict[str, Any]:
    """Decode the object on ``line``; integers of any size are exact.

    Raises:
        RowIssue: it is not strict JSON in UTF-8 (duplicate keys, NaN, lone surrogates, numbers
            beyond a float's range and values after the object included), or not an object.
    """
    try:
        value = _DECODER.decode(line)
    except (ValueError, RecursionError):  # msgspec's own errors are ValueErrors, too
        _diagnose(line)
    if not isinstance(value, dict):
        raise RowIssue(with_article(kind_of(value)), ONE_OBJECT)
    if _colons_at_most(line) != (keys := count_keys(value)) and count_colons(line) != keys:
        _diagnose(line)
    return value


def parse_raw(line: bytes) -> dict[str, bytes]:
    """Return the values on a line that :func:`parse_object` accepts, each as its own bytes.

    Carriage returns between tokens become spaces: some readers treat them as line ends.
    """
    if b"\r" in line:
        line = line.replace(b"\r", b" ")
    return {key: bytes(raw) for key, raw in _RAW_DECODER.decode(line).items()}


def of_element(issue: RowIssue) -> RowIssue:
    """Return an issue that :func:`parse_object` has with the element of an array, worded so."""
    if issue.expected not in (ONE_OBJECT, PER_LINE):
        return issue
    found = "a comma without an element" if issue.found == NO_END else issue.found
    return RowIssue(found, AS_ELEMENT)


def _colons_at_most(line: bytes) -> int:
    """Return an upper bound of the number of keys: possible ends of a key before a colon."""
    return line.count(b'":') + line.count(b" :") + line.count(b"\t:") + line.count(b"\r:")


def count_colons(line: bytes) -> int:
    """Count the keys on a line of valid JSON, duplicates included."""
    return _STRING.sub(b"", line).count(b":")


def count_keys(value: dict[str, Any] | list[Any]) -> int:
    """Count the keys of a decoded value, at any depth."""
    count = 0
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            count += len(item)
            stack.extend(child for child in item.values() if isinstance(child, (dict, list)))
        else:
            stack.extend(child for child in item if isinstance(child, (dict, list)))
    return count


def _diagnose(line: bytes) -> NoReturn:
    """Raise the issue of a line that msgspec refuses."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise RowIssue(
            f"the byte 0x{line[error.start]:02x} at byte {error.start + 1}", UTF_8
        ) from None
    if "\0" in text:
        raise RowIssue(f"a NUL character at column {text.index(chr(0)) + 1}", "JSON text")
    try:
        json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except json.JSONDecodeError as error:
        raise _syntax_fault(text, error) from None
    except RecursionError:
        raise RowIssue("values nested hundreds of levels deep", "JSON that can be parsed") from None
    raise RowIssue("text that is not strict JSON", ONE_OBJECT)


def _syntax_fault(text: str, error: json.JSONDecodeError) -> RowIssue:
    message, column = error.msg, error.pos + 1
    if message == "Extra data":
        return RowIssue(f"something after the object, at column {column}", ONE_OBJECT)
    if not text[error.pos :].strip() or message.startswith("Unterminated string"):
        return RowIssue(NO_END, PER_LINE)
    lowered = message[0].lower() + message[1:]
    return RowIssue(f"invalid JSON at column {column} ({lowered})", ONE_OBJECT)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, item in pairs:
        if key in value:
            raise RowIssue(f"the key {key!r} twice in one object", "each key once")
        for text in (key, item):
            _no_surrogate(text)
        value[key] = item
    return value


def _no_surrogate(value: object) -> None:
    if isinstance(value, str) and (match := _SURROGATE.search(value)):
        raise RowIssue(f"the lone surrogate \\u{ord(match[0]):04x}", "Unicode text")
    if isinstance(value, list):
        for item in value:
            _no_surrogate(item)


def _no_constant(name: str) -> NoReturn:
    raise RowIssue(f"{name}, which is not JSON", "a finite number or null")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise RowIssue(f"the number {text[:40]}, which is out of range", "a finite number")
    return number


def _bounded(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise RowIssue(
            f"a number of {len(text)} digits", "a number of at most 4300 digits"
        ) from None
