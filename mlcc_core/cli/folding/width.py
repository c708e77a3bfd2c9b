"""Widths: of texts in columns, and of terminals."""

from __future__ import annotations

import os
import unicodedata
from contextlib import suppress
from typing import TextIO

VARIATION = "\ufe0f"
"""Makes a sign two columns wide on some terminals, and one on others."""

DEFAULT = 80
"""Columns of a terminal that does not tell."""


def display_width(text: str) -> int:
    """Return the columns that ``text`` takes on a terminal: two a wide character, none a mark."""
    if text.isascii():
        return len(text)
    seen = (char for char in text if unicodedata.category(char) not in ("Mn", "Me", "Cf"))
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in seen)


def shown_width(text: str) -> int:
    """Return the columns that ``text`` takes at most: some terminals show some signs wider."""
    return display_width(text) + text.count(VARIATION)


def columns_of(stream: TextIO) -> int:
    """Return the width of the terminal that ``stream`` goes to; ``COLUMNS`` overrides it."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    with suppress(OSError, ValueError):
        return os.get_terminal_size(stream.fileno()).columns or DEFAULT
    return DEFAULT
