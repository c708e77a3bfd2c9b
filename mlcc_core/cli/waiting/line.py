"""The line of a spinner: one character that moves, and words that fit the terminal."""

from __future__ import annotations

import shutil

DOTS = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
PLAIN = "|/-\\"

SPARE = 4
"""Columns that stay free, for the ``^C`` that a terminal echoes: a wrapped line is drawn twice."""


def marks(encoding: str | None) -> str:
    """Return the characters that the spinner goes through, in an encoding that has them."""
    return DOTS if (encoding or "").lower().replace("-", "").startswith("utf8") else PLAIN


def fitted(line: str) -> str:
    """Return a line cut to the width of the terminal, at a word where it can be.

    Example:
        >>> fitted("short")
        'short'
    """
    room = max(8, shutil.get_terminal_size().columns - SPARE)
    if len(line) <= room:
        return line
    cut = line[: room - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip() + " …"
