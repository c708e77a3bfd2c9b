"""Letters of the usual flags: ``-t`` for ``--technique``."""

from __future__ import annotations

from collections.abc import Sequence

SHORT = {
    "--technique": "-t",
    "--dataset": "-d",
    "--model": "-m",
    "--epochs": "-e",
    "--batch-size": "-b",
    "--platform": "-p",
    "--dry-run": "-n",
    "--file": "-f",
    "--follow": "-f",
    "--to": "-o",
    "--yes": "-y",
}
"""The letter of a flag, the same in every command; ``-f`` follows a log, as ``tail -f`` does.

Flags of plugins have none, so that no plugin takes one from another.
"""

LONG = {letter: flag for flag, letter in SHORT.items() if flag != "--follow"}

SWITCHES = ("-n", "-y")
"""Letters of flags without a value."""


def short(flag: str) -> tuple[str, ...]:
    """Return the names of a flag: itself, and its letter if it has one.

    Example:
        >>> short("--technique"), short("--take")
        (('--technique', '-t'), ('--take',))
    """
    return (flag, SHORT[flag]) if flag in SHORT else (flag,)


def spelled_out(words: Sequence[str]) -> list[str]:
    """Return a command line with long flags in place of letters, for hints that change it.

    Example:
        >>> spelled_out(["tune", "rows.jsonl", "-t", "sft", "-e3"])
        ['tune', 'rows.jsonl', '--technique', 'sft', '--epochs', '3']
    """
    if words[:1] == ["logs"]:
        return list(words)
    found: list[str] = []
    for word in words:
        flag, value = LONG.get(word[:2]), word[2:]
        # A value that begins with a letter may be a long flag that was typed with one dash.
        if flag is None or (value and (word[:2] in SWITCHES or value[0].isalpha())):
            found.append(word)
        else:
            found += [flag, value] if value else [flag]
    return found
