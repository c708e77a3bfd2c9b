"""Lines that break between words, where a terminal would break within them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mlcc_core.cli.screen.width import display_width

COMMAND = re.compile(
    r"(?:[A-Z][A-Z_]*=\S+ )*"
    r"(?:mlcc|(?:\./)?do/[\w-]+|pip|python3?|aws|export|git|cd|uv|docker)(?: |$)"
)
"""The beginning of a command that is pasted into a shell."""

TAIL = re.compile(rf"(?<=:) (?={COMMAND.pattern})")
"""The space before the command that a sentence ends with."""

WORD = re.compile(r"`[^`]*`\S*|\S+")
"""A word of a sentence; a command between backquotes is one."""

SHELL_WORD = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:\\.|[^"\\])*"|'[^']*')+|\S+""")
"""A word of a shell, with the blanks between its quotes."""

MARKED = re.compile(r"\s*[^\w\s\x00-\x7f]\S?\s+")
"""The mark that a line begins with, and the blanks after it."""

LABEL = re.compile(r"\s*\S+(?: \S+)*?\s{2,}(?=\S)")
"""The label of a line: what follows two blanks stands in a column."""

GOES_ON = " \\"
"""Ends a line of a command that has another."""


def folded(line: str, width: int | None) -> list[str]:
    """Return the lines of a line: none is wider than ``width``, if words allow.

    Sentences break between words, and go on under their first word. A command goes on after a
    backslash, so that a copy of its lines runs; where a sentence ends with one, it has lines of
    its own. A word that is too long stays whole, so that a copy of it is right.

    Example:
        >>> folded("✅ Serving 2 models on port 8000", 20)
        ['✅ Serving 2 models', '   on port 8000']
        >>> folded("   mlcc tune rows.jsonl --epochs 3", 24)
        ['   mlcc tune rows.jsonl \\\\', '     --epochs 3']
    """
    if width is None or display_width(line) <= width:
        return [line]
    text = line.lstrip(" ")
    indent = line[: len(line) - len(text)]
    if COMMAND.match(text):
        return list(_command(text, indent, width))
    sentence, *command = TAIL.split(line, maxsplit=1)
    if command:
        rest = "   " if len(indent) < 3 else f"{indent}   "
        return [*folded(sentence, width), *_command(command[0], rest, width)]
    under = _under(line, indent, width)
    words = (match[0] for match in WORD.finditer(line, len(under[0])))
    return list(_filled(words, under[0], " " * under[1], width))


def _under(line: str, indent: str, width: int) -> tuple[str, int]:
    """Return how a line begins, and the column in which its further lines do."""
    mark = MARKED.match(line)
    if mark:
        return mark[0], display_width(mark[0])
    label = LABEL.match(line)
    if label and len(label[0]) <= width // 2:
        return label[0], display_width(label[0])
    return indent, len(indent) + 2


def _command(text: str, indent: str, width: int) -> Iterator[str]:
    """Yield the lines of a command, which all but the last end in a backslash."""
    words = [match[0] for match in SHELL_WORD.finditer(text)]
    if display_width(indent + text) <= width:
        yield indent + text
        return
    lines = list(_filled(_with_values(words), indent, f"{indent}  ", width - len(GOES_ON)))
    yield from (line + GOES_ON for line in lines[:-1])
    yield lines[-1]


def _with_values(words: Iterable[str]) -> Iterator[str]:
    """Yield the words of a command, a flag together with the value that follows it."""
    held = ""
    for word in words:
        if held and not word.startswith("-"):
            yield f"{held} {word}"
            held = ""
            continue
        if held:
            yield held
        held = word if word.startswith("-") and "=" not in word else ""
        if not held:
            yield word
    if held:
        yield held


def _filled(words: Iterable[str], first: str, further: str, width: int) -> Iterator[str]:
    """Yield lines of words, the first one after ``first``, others after ``further``."""
    line, empty = first, True
    for word in words:
        if not empty and display_width(line) + 1 + display_width(word) > width:
            yield line
            line, empty = further, True
        line += word if empty else f" {word}"
        empty = False
    yield line
