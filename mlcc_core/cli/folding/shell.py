"""A command on several lines: each break is one that a shell takes away again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlcc_core.cli.folding.width import shown_width

WORDS = re.compile(
    r"""(\s*)(\#.*|(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\]|['"\\])+)""",
)
"""A word with the blanks before it: what is quoted is one word, and so is a remark."""

QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*\"""")
"""A word that is in quotes from end to end."""

STEP = 4
"""Columns by which the further lines of a command are indented."""

END = " \\"


def folded_command(line: str, width: int, label: str = "") -> Iterator[str]:
    """Yield the lines of a command that is wider than ``width``.

    A remark at its end has a line of its own. A quoted word that is wider than a line is broken
    at its blanks.

    Args:
        line: one command, perhaps with blanks, a label and a remark around it.
        width: in columns.
        label: the beginning of the line that is not part of the command.
    """
    own = len(label) if label else len(line) - len(line.lstrip())
    shown, begun = label, bool(label.strip())
    for match in WORDS.finditer(line, len(label)):
        word = match[2]
        if word.startswith("#"):
            yield shown
            shown = " " * own + word
        elif begun or not shown.strip() or shown_width(shown + match[0] + END) <= width:
            shown += match[0]
        else:
            yield shown + END
            *whole, shown = _broken(" " * (own + STEP) + word, width)
            yield from whole
        begun = False
    yield shown


def _broken(line: str, width: int) -> Iterator[str]:
    """Yield the lines of one word; one in quotes that is too wide is broken at its blanks.

    Within double quotes a shell takes a backslash with its line break away. Single quotes are
    closed before it and opened after it. The further lines begin at the left: a blank counts.
    """
    if not QUOTED.fullmatch(line.lstrip()):
        yield line
        return
    close, again = ("'\\", "'") if line.endswith("'") else ("\\", "")
    while shown_width(line) > width:
        start = len(line) - len(line.lstrip()) + 1
        place = line.rfind(" ", start, width - len(close)) + 1
        if place <= start:
            break
        yield line[:place] + close
        line = again + line[place:]
    yield line
