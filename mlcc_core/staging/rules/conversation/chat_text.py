"""Messages written as text: JSON, which is read, and Python's or numpy's ``repr``, which is not.

Programs write a list as text into a column of strings: CSV files hold nothing else. A text that
merely begins with a bracket stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.rules.strict_json import parse_object

CHAT_START = (
    r"^[ \t\n\r]*(?:array\([ \t\n\r]*)?(?:\[[ \t\n\r]*)?"
    r"""\{[ \t\n\r]*["'][^"'\\]*["'][ \t\n\r]*:"""
)
"""Text that begins like an object, or a list (or numpy array) of them."""

CHAT_KEY = r"""["'](?:role|from)["'][ \t\n\r]*:"""
"""The key of a message's role within such a text.

Both are regular expressions that Python and Polars understand alike.
"""

_starts = re.compile(r"[ \t\n\r\[{]|array\(").match
_start = re.compile(CHAT_START).match
_key = re.compile(CHAT_KEY).search
_repr = re.compile(r"[ \t\n\r]*(?:array\(|\[?[ \t\n\r]*\{[ \t\n\r]*')").match

PRINTED = "prints them"
REPR_EXPECTED = "JSON text"


def looks_like_chat(text: str) -> bool:
    """Return whether a text may be messages: it is then looked at more closely."""
    return bool(_start(text)) and bool(_key(text))


def none_starts_like_chat(texts: Iterable[str]) -> bool:
    """Return whether the first characters alone show that no text is messages.

    Example:
        >>> none_starts_like_chat(["What is 2 + 2?", "a cat"])
        True
    """
    return not any(map(_starts, texts))


def is_repr(text: str) -> bool:
    """Return whether a text is messages in Python's notation, or numpy's.

    Example:
        >>> is_repr("[{'role': 'user', 'content': 'Q'}]")
        True
    """
    return looks_like_chat(text) and bool(_repr(text))


def read_chat(text: str) -> Any:
    """Return the messages that a text is the JSON of; ``None`` for any other text.

    Example:
        >>> read_chat('[{"role": "user", "content": "Q"}]')
        [{'role': 'user', 'content': 'Q'}]
    """
    if not looks_like_chat(text):
        return None
    value = parsed(text)
    return value if is_chat(value) else None


def parsed(text: str) -> Any:
    """Return the value of strict JSON text; ``None`` for any other text."""
    try:
        return parse_object(b'{"text":' + text.encode() + b"}").get("text")
    except RowIssue:
        return None


def is_chat(value: object) -> bool:
    """Return whether a value is one message or a list of at least one."""
    messages = value if isinstance(value, list) else [value]
    return bool(messages) and all(map(_is_message, messages))


def _is_message(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    said = "content" in value or value.get("tool_calls") or value.get("function_call")
    return ("role" in value and bool(said)) or ("from" in value and "value" in value)


def repr_issue(text: str, column: str | None = None) -> RowIssue:
    """Return the issue of messages in the notation of Python or numpy."""
    name = "numpy" if text.lstrip().startswith("array(") else "Python"
    return RowIssue(f"messages as {name} {PRINTED}", REPR_EXPECTED, column=column)
