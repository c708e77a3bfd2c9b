"""The columns of a terminal, and those that a text takes."""

from __future__ import annotations

import os
import unicodedata
from typing import TextIO

NARROWEST = 20
"""Columns below which lines are left to the terminal."""


def width_of(stream: TextIO) -> int | None:
    """Return the columns of the terminal behind ``stream``.

    ``COLUMNS`` beats what the terminal says.

    Returns:
        The columns; ``None`` for a pipe, a file, and a terminal that does not know.
    """
    if not stream.isatty():
        return None
    said = os.environ.get("COLUMNS", "")
    try:
        columns = int(said) if said.isdecimal() else os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return None
    return columns if columns >= NARROWEST else None


def display_width(text: str) -> int:
    """Return the columns that ``text`` takes on a terminal: two a wide character, none a mark.

    A sign that is followed by the selector of its picture (⚠️) takes two.
    """
    if text.isascii():
        return len(text)
    seen = (char for char in text if unicodedata.category(char) not in ("Mn", "Me", "Cf"))
    pictures = text.count(PICTURE)
    return pictures + sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in seen)


PICTURE = "\N{VARIATION SELECTOR-16}"
"""Follows a sign that is shown as a picture."""
