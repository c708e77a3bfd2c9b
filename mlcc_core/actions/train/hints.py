"""Commands about scripts, for hints."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from mlcc_core.helpers.hints import hint_kind, path_word


@hint_kind("a script, compiled alone")
def compiled(script: str) -> str:
    """Return the command that shows a syntax error in a script, with its line."""
    return f"python -m py_compile {path_word(script)}"


@hint_kind("a script, moved to a folder of its own")
def own_folder(script: str) -> str:
    """Return the command that puts a script into a folder ``src`` beside it."""
    return f"mkdir -p src && mv {path_word(script)} src/"


@hint_kind("what a script left, as an adapter")
def left_deployed(place: str) -> str:
    """Return the command that deploys what a script has left, if that is an adapter."""
    return f"./do/adapter add tuned-script --weights {path_word(place)}   # where it is an adapter"


@hint_kind("a script run with its data as an input")
def with_input(words: Sequence[str], data: str) -> str:
    """Return a command line with a word of it as the channel ``train``.

    Args:
        words: the command line, without the program's name.
        data: the word.
    """
    left = list(words)
    if data in left:
        left.remove(data)
    return shlex.join(("mlcc", *left, "--input", f"train={data}"))


@hint_kind("a script run without a flag that means nothing for it")
def without_flag(words: Sequence[str], flag: str, value: object) -> str:
    """Return a command line without a flag and its value.

    Args:
        words: the command line, without the program's name.
        flag: as it is declared: ``--technique``.
        value: that it has; a flag without one has a ``bool``.
    """
    left = shlex.join(("mlcc", *_without(words, flag, takes=not isinstance(value, bool))))
    return f"{left}   # without {flag}"


@hint_kind("a script given a hyperparameter in place of a training")
def as_hyperparameter(words: Sequence[str], flag: str, value: object) -> str:
    """Return a command line with a flag of trainings given to the script.

    Args:
        words: the command line, without the program's name.
        flag: of a hyperparameter: ``--learning-rate``.
        value: that it has.

    Example:
        ``mlcc train --script train.py --hyperparameter learning-rate=0.001``
    """
    given = f"{flag.removeprefix('--')}={value}"
    return shlex.join(("mlcc", *_without(words, flag, takes=True), "--hyperparameter", given))


def _without(words: Sequence[str], flag: str, *, takes: bool) -> Iterator[str]:
    """Yield words but a flag and, where it takes one and it stands apart, its value."""
    rest = iter(words)
    for word in rest:
        if word == flag:
            if takes:
                next(rest, None)
        elif not word.startswith(f"{flag}="):
            yield word
