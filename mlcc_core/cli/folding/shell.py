"""A command on several lines: each break is one that a shell takes away again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlcc_core.cli.folding.width import shown_width

WORDS = re.compile(
    r"""(\s*)(\#.*|(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\]|['"\\])+)""",
)
"""A word with the blanks before it: what is quoted is one word, and so is a remark."""

STEP = 4
"""Columns by which the further lines of a command are indented."""

END = " \\"


def folded_command(line: str, width: int, label: str = "") -> Iterator[str]:
    """Yield the lines of a command that is wider than ``width``.

    A remark at its end has a line of its own. A word that is wider than a line is broken within
    double quotes, where a shell takes a backslash with its line break away.

    Args:
        line: one command, perhaps with blanks, a label and a remark around it.
        width: in columns.
        label: the beginning of the line that is not part of the command.
    """
    own = len(label) if label else len(line) - len(line.lstrip())
    shown, begun = label, bool(label.strip())
    for match in WORDS.finditer(line, len(label)):
        space, word = match.groups()
        if word.startswith("#"):
            yield shown
            shown = " " * own + word
        elif shown.strip() and (begun or shown_width(shown + match[0] + END) > width):
            if begun:
                shown += match[0]
            else:
                yield shown + END
                shown = " " * (own + STEP) + word
        else:
            shown += space + word
        begun = False
        *whole, shown = _broken(shown, width)
        yield from whole
    yield shown


def _broken(shown: str, width: int) -> Iterator[str]:
    """Yield the lines of a word in double quotes that is wider than a line."""
    while shown_width(shown) > width and (place := _break(shown, width)):
        yield shown[:place] + "\\"
        shown = shown[place:]
    yield shown


def _break(shown: str, width: int) -> int:
    """Return a place after a blank within double quotes; 0 where there is none."""
    quoted = False
    found = 0
    for place, char in enumerate(shown[: width - 1]):
        if char == '"':
            quoted = not quoted
        elif quoted and char == " ":
            found = place + 1
    return found
