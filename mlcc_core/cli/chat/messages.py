"""Messages as they are typed: on one line, on several, or a line each from a pipe."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from mlcc_core.errors import MlccError

BLOCKS = ("```", '"""')
"""Marks between which Enter begins a new line; those of quotes are not part of the message."""

COMMAND = re.compile(r"/(?P<name>[a-z?]+)(?:\s+(?P<rest>.*))?\s*\Z", re.DOTALL | re.IGNORECASE)
"""A command; a path (``/etc/hosts``) is none, nor is a message that begins with a space."""


def unfinished(text: str) -> bool:
    """Return whether a message goes on after Enter: ``\\`` ends its line, or a block is open."""
    if text.rstrip(" ").endswith("\\"):
        return True
    opened = (mark for mark in BLOCKS if re.search(f"^{mark}", text, re.MULTILINE))
    return any(text.count(mark) % 2 for mark in opened)


def message_of(text: str) -> str:
    """Return the message that was typed, without the marks that let it have several lines."""
    joined = re.sub(r"\\ *\n", "\n", text).strip("\n").rstrip()
    quotes = BLOCKS[1]
    bare = joined.strip()
    if len(bare) >= 2 * len(quotes) and bare.startswith(quotes) and bare.endswith(quotes):
        return bare[len(quotes) : -len(quotes)].strip("\n")
    return joined


def piped() -> Iterator[str]:
    """Yield the messages of standard input, a line each; blank lines are none.

    Raises:
        MlccError: it is not UTF-8 text.
    """
    try:
        for number, typed in enumerate(sys.stdin):
            line = typed if number else typed.removeprefix("\ufeff")  # as Windows begins a file
            if line.strip():
                line.encode()  # in some locales, Python lets wrong bytes pass
                yield line.rstrip("\r\n")
    except UnicodeError:
        raise MlccError(
            "The messages are not UTF-8 text.",
            where="standard input",
            hint="iconv -f LATIN1 -t UTF-8 FILE | mlcc chat",
        ) from None
