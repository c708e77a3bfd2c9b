"""Colours of lines on a terminal, and the variables with which a user decides about them."""

from __future__ import annotations

import os
import re
from typing import TextIO

import click

COLOURS = {"❌": "red", "⚠": "yellow", "✅": "green"}
"""The colour of a line, by the mark that it begins with."""

MARK = re.compile(rf"\s*({'|'.join(COLOURS)})")


def shows_colours(stream: TextIO) -> bool:
    """Return whether lines to ``stream`` get colours.

    A terminal gets them, a pipe and a log do not. ``NO_COLOR`` turns them off, ``FORCE_COLOR`` and
    ``CLICOLOR_FORCE`` turn them on for anything, ``TERM=dumb`` and ``CLICOLOR=0`` turn them off for
    a terminal; of several, the first in this order decides.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if any(
        os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")
    ):
        return True
    if os.environ.get("TERM") == "dumb" or os.environ.get("CLICOLOR") == "0":
        return False
    return stream.isatty()


def colour_of(line: str) -> str | None:
    """Return the colour of a line; ``None`` for one without a mark.

    Example:
        >>> colour_of("❌ There is no file x.csv."), colour_of("   3 rows")
        ('red', None)
    """
    mark = MARK.match(line)
    return COLOURS[mark[1]] if mark else None


def painted(line: str, colour: str | None) -> str:
    """Return a line in a colour, its indentation left as it is."""
    text = line.lstrip()
    if colour is None or not text:
        return line
    return line[: len(line) - len(text)] + click.style(text, fg=colour)
