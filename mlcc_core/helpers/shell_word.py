"""One word of a shell's language: read without running anything, and written so that nothing runs.

Knows quotes and backslashes as POSIX sh does. Values that only a running shell could expand
(variables, substitutions, patterns) are not guessed.
"""

from __future__ import annotations

import re
import shlex

WORD_END = re.compile(r"[ \t\n]|\r\n")
ACTIVE = frozenset("$`")
"""Characters that begin what a shell replaces, even within double quotes."""

SPECIAL = frozenset("$`|&;<>()*?[]{}~!")
"""Characters that mean something to some shell outside quotes."""


class UnclosedQuote(ValueError):
    """A quote is opened and never closed."""


def read_word(text: str, position: int) -> tuple[str | None, int]:
    """The word that begins at ``position``, up to a blank or the end of the line.

    Returns:
        Its value and where it ends; for a word that needs a shell, ``None`` and where it does.

    Raises:
        UnclosedQuote: as it says.
    """
    value: list[str] = []
    while position < len(text) and not WORD_END.match(text, position):
        char = text[position]
        if char in SPECIAL:
            return None, position
        if char in "'\"":
            read = _single_quoted if char == "'" else _double_quoted
            part, position = read(text, position + 1)
            if part is None:
                return None, position
            value.append(part)
        elif char == "\\" and position + 1 < len(text):
            value.append(_escaped(text, position))
            position += 2
        else:
            value.append(char)
            position += 1
    return "".join(value), position


def write_word(value: str) -> str:
    """Return ``value`` quoted: a shell reads exactly that word, and runs nothing.

    Raises:
        ValueError: it holds a newline or NUL, or is not Unicode text.
    """
    value.encode()
    if "\n" in value or "\0" in value:
        raise ValueError("a newline or NUL")
    return shlex.quote(value)


def _single_quoted(text: str, position: int) -> tuple[str | None, int]:
    close = text.find("'", position)
    if close < 0:
        raise UnclosedQuote
    return text[position:close], close + 1


def _double_quoted(text: str, position: int) -> tuple[str | None, int]:
    value: list[str] = []
    while position < len(text):
        char = text[position]
        if char in ACTIVE:
            return None, position
        if char == '"':
            return "".join(value), position + 1
        if char == "\\" and text[position + 1 : position + 2] in tuple('$`"\\\n'):
            value.append(_escaped(text, position))
            position += 2
        else:
            value.append(char)
            position += 1
    raise UnclosedQuote


def _escaped(text: str, position: int) -> str:
    """Return the text that a backslash at ``position`` and the character behind it stand for."""
    return "" if text[position + 1] == "\n" else text[position + 1]
