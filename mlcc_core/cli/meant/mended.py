"""A command line with the flags that were meant, parsed on trial."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import click

from mlcc_core.cli.meant.meaning import VALUE, Meaning
from mlcc_core.errors import MlccError

NUMBER = re.compile(r"-\d*\.?\d+(?:[eE][+-]?\d+)?\Z")
BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
ONE_DASH = re.compile(r"-[A-Za-z][A-Za-z_-]+\Z")
"""Matches a long flag that was typed with one dash: ``-epochs``."""

MOST = 40
"""Unknown flags that are mended at most."""


@dataclass
class Mended:
    """A command line, as it is mended.

    Attributes:
        words: the line so far, without the program's name.
        unknown: the flags that were unknown, each with the meaning and the value it had.
        then: what follows the command, for a shell.
        parses: the line is one that mlcc takes.
    """

    words: list[str]
    unknown: list[tuple[str, Meaning | None, str | None]] = field(default_factory=list)
    then: list[str] = field(default_factory=list)
    parses: bool = False

    @property
    def line(self) -> str:
        """Return the line, to be pasted into a shell."""
        return " ".join([shlex.join(("mlcc", *self.words)), *self.then])

    def replace(self, flag: str, meant: Meaning) -> bool:
        """Put the words that are meant in place of a flag; return False if it is not there."""
        place = next(
            (i for i, word in enumerate(self.words) if word.partition("=")[0] == flag), None
        )
        if place is None:
            return False
        given, equals, text = self.words[place].partition("=")
        value: str | None = text if equals else None
        end = place + 1
        following = self.words[end] if end < len(self.words) else None
        if value is None and following is not None and _is_value(following, meant):
            value, end = following, end + 1
        words = list(meant.words)
        if not meant.takes_value and value is not None and BOOLEANS.get(value.lower()) is False:
            words = []  # a switch that is off
        if value is None:
            words = [word for word in words if word != VALUE]
        self.words[place:end] = [word.replace(VALUE, value or "") for word in words]
        if meant.then and (value is not None or VALUE not in meant.then):
            self.then.append(meant.then.replace(VALUE, shlex.quote(value or "")))
        self.unknown.append((given, meant, value))
        return True


def _is_value(word: str, meant: Meaning) -> bool:
    """Return whether a word is the value of the flag before it."""
    if not meant.takes_value:
        return word.lower() in BOOLEANS and not word.isdigit()
    return not word.startswith("-") or NUMBER.match(word) is not None


def mend(
    words: Sequence[str], context: click.Context, find: Callable[[str], Meaning | None]
) -> Mended:
    """Replace every unknown flag of a command line by what it means.

    Args:
        words: as typed, without the program's name.
        context: of the command that was parsed.
        find: returns the meaning of a flag of it.
    """
    mended = Mended(list(words))
    for _ in range(MOST):
        flag = unknown_flag(mended.words, context)
        if flag is None:
            mended.parses = True
            break
        flag = flag or _with_one_dash(mended.words, find)
        if flag is None:
            break
        flag = _as_typed(flag, mended.words, find)
        meant = find(flag)
        if meant is None or not mended.replace(flag, meant):
            mended.unknown.append((flag, None, None))
            break
    return mended


def _with_one_dash(words: Sequence[str], find: Callable[[str], Meaning | None]) -> str | None:
    """Return the first word that is a long flag with one dash, whose letters click took apart."""
    flags = (word.partition("=")[0] for word in words)
    return next((flag for flag in flags if ONE_DASH.match(flag) and find(flag)), None)


def unknown_flag(words: Sequence[str], context: click.Context) -> str | None:
    """Parse a command line; return its first unknown flag, ``None`` if it parses, else ``""``."""
    if {"-h", "--help"} & set(words):
        return ""
    try:
        parent = context.parent
        context.command.make_context(context.info_name, arguments(words, context), parent=parent)
    except click.NoSuchOption as error:
        return error.option_name
    except (click.exceptions.Exit, click.ClickException, MlccError):
        return ""
    return None


def arguments(words: Sequence[str], context: click.Context) -> list[str]:
    """Return the words after the name of the command whose context it is."""
    names = context.command_path.split()[1:]
    rest = list(words)
    for name in names:
        if name in rest:
            rest = rest[rest.index(name) + 1 :]
    return rest


def _as_typed(flag: str, words: Sequence[str], find: Callable[[str], Meaning | None]) -> str:
    """Return the word that an unknown short flag begins, where that means something.

    ``-lr`` is read as ``-l`` and ``-r``.
    """
    if len(flag) > 2 or flag.startswith("--"):
        return flag
    whole = [word.partition("=")[0] for word in words if word.startswith(flag) and len(word) > 2]
    return next((word for word in whole if find(word) is not None), flag)
