"""Text that is folded to a width: prose between words, commands so that they still run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from mlcc_core.cli.folding.shell import folded_command
from mlcc_core.cli.folding.width import shown_width

COMMAND = re.compile(
    r"\s*(\$ )?([A-Z_][A-Z0-9_]*=\S* )*"
    r"(mlcc|\./do/[\w-]+|ml-container-creator|pip|python3?|uv|export|cd|mv|rm|mkdir|cp|git|curl|"
    r"echo|source|ollama|vllm|\S*/bin/\S+)(?= )"
)
"""The beginning of a line that is to be pasted into a shell."""

LABEL = re.compile(r"\s*\S+(?: \S+){0,2}\s{2,}(?=\S)")
"""A name in front of its value, two blanks apart: further lines go under the value."""

MARKED = re.compile(r"(\s*)[^\x00-\x7f]\ufe0f? ")
"""A sign in front of a sentence: further lines go under its words, three columns in."""

SIGN = 3
"""Columns that a sign takes, with its blank."""


def folded(text: str, width: int) -> str:
    """Return ``text`` with no line wider than ``width``, as far as its words allow.

    Args:
        text: of one or several lines. A line that is a command gets a backslash at each break,
            so that it runs when it is pasted.
        width: of the terminal, in columns.

    Example:
        >>> print(folded("mlcc tune train.jsonl --technique sft", 30))
        mlcc tune train.jsonl \\
            --technique sft
    """
    return "\n".join(
        line if shown_width(line) <= width else "\n".join(_lines(line, width))
        for line in text.split("\n")
    )


def _lines(line: str, width: int) -> Iterator[str]:
    """Yield the parts of a line that is too wide."""
    label = LABEL.match(line)
    start = label[0] if label and not COMMAND.match(line) else ""
    if COMMAND.match(line[len(start) :]):
        return folded_command(line, width, start)
    sentence, command = _parted(line)
    if command:
        indent = " " * max(SIGN, _indent(line, width))
        return chain(_prose(sentence, width), folded_command(indent + command, width))
    return _prose(line, width)


def _parted(line: str) -> tuple[str, str]:
    """Return a sentence and the command that it ends with, after a colon; else an empty one."""
    for colon in re.finditer(": (?=\\S)", line):
        command = line[colon.end() :]
        if COMMAND.match(command) and not re.search(r"[.;,](?: |\Z)", command):
            return line[: colon.start() + 1], command
    return line, ""


def _prose(line: str, width: int) -> Iterator[str]:
    indent = " " * _indent(line, width)
    if line.lstrip().startswith("# "):  # a remark that is pasted into a shell
        indent += "# "
    shown = ""
    for match in re.finditer(r"(\s*)(\S+)", line):
        if shown.strip() and shown_width(shown + match[0]) > width:
            yield shown
            # A word that is too wide for its column stays whole where a line can hold it.
            room = max(0, width - shown_width(match[2]))
            shown = (indent if len(indent) <= room or "#" in indent else " " * room) + match[2]
        else:
            shown += match[0]
    yield shown


def _indent(line: str, width: int) -> int:
    """Return the blanks before the further lines of prose."""
    own = len(line) - len(line.lstrip())
    if sign := MARKED.match(line):
        return len(sign[1]) + SIGN
    label = LABEL.match(line)
    found = shown_width(label[0]) if label else own
    return found if found <= width // 2 else own
