"""The command that is left when the words that it does not take are taken away."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

import click

from mlcc_core.cli.meant.parsed import parses

EXTRA = re.compile(r"Got unexpected extra arguments? \((?P<words>.+)\)\Z", re.DOTALL)
"""The message of click about words that no argument takes."""


def without_extra_words(error: click.UsageError, words: Sequence[str]) -> str | None:
    """Return the command without the words that are too much; ``None`` for another error.

    Args:
        error: as click raised it.
        words: the line, without the program's name.
    """
    found = EXTRA.match(error.message)
    if found is None or error.ctx is None:
        return None
    line = list(reversed(words))
    for word in reversed(found["words"].split(" ")):
        if word not in line:
            return None
        line.remove(word)
    line.reverse()
    return shlex.join(("mlcc", *line)) if parses(error.ctx.find_root().command, line) else None
