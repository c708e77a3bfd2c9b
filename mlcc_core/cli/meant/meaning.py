"""The meaning of a flag that a command does not have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from mlcc_core.cli.meant.other_names import (
    NEEDLESS,
    OF_A_FOLDER,
    OF_A_TARGET,
    OTHER_NAMES,
    OUTPUT,
    PUSHED,
    QUIET,
)
from mlcc_core.helpers.names import close_matches

if TYPE_CHECKING:
    from mlcc_core.contract.technique.recipe import Engine

VALUE = "{}"
"""Stands for the value of the flag."""


@dataclass(frozen=True)
class Meaning:
    """The words that stand for an unknown flag.

    Attributes:
        words: in its place; one has ``{}`` where its value belongs; none where it is needless.
        takes_value: the word after the flag is its value.
        says: a sentence about it; empty where the words say it all.
        then: what is put after the whole command, for a shell: ``&& mlcc push {}``.
    """

    words: tuple[str, ...] = ()
    takes_value: bool = False
    says: str = ""
    then: str = ""

    def shown(self, value: str | None) -> str:
        """Return the words as a user types them."""
        return " ".join(self.words).replace(VALUE, value or "VALUE")


def same(flag: str) -> str:
    """Return a flag without what is written in several ways: ``--learning_rate``.

    Example:
        >>> same("--Learning_Rate") == same("--learning-rate")
        True
    """
    return flag.lstrip("-").replace("-", "").replace("_", "").casefold()


def meaning(
    flag: str,
    command: click.Command,
    engines: Iterable[Engine],
    elsewhere: Mapping[str, click.Option],
) -> Meaning | None:
    """Return the meaning of a flag; ``None`` where nothing is near.

    Args:
        flag: as typed, without a value: ``--lr``.
        command: that does not have it.
        engines: of the installed platforms.
        elsewhere: flags of ``mlcc tune``, by name, for a command that may go without them.
    """
    options = [param for param in command.params if isinstance(param, click.Option)]
    own = {name: param for param in options for name in param.opts}
    known = {same(name): param for name, param in own.items() if name.startswith("--")}
    if same(flag) in known:
        return _of(known[same(flag)])
    for param in options:
        if (found := _also(flag, param)) is not None:
            return found
    return (
        (_of_a_training(flag, engines) if "--set" in own else None)
        or _of_a_command(flag, command)
        or _of_tune(flag, elsewhere)
        or _near(flag, own)
    )


def _of(param: click.Option, value: str = VALUE) -> Meaning:
    name = max(param.opts, key=len)
    if param.is_flag:
        return Meaning((name,))
    return Meaning((name, value), takes_value=value == VALUE)


def _also(flag: str, param: click.Option) -> Meaning | None:
    """Return the meaning of a flag that another program has for an option of ours."""
    names = [*getattr(param, "also", ())]
    names += [name for opt in param.opts for name in OTHER_NAMES.get(opt, ())]
    for name in names:
        theirs, stands_for, value = name.partition("=")
        if same(theirs) == same(flag):
            return _of(param, value) if stands_for else _of(param)
    return None


def _of_a_training(flag: str, engines: Iterable[Engine]) -> Meaning | None:
    """Return the meaning of a flag for a setting of a trainer, or for the output of a training."""
    for engine in engines:
        for setting, names in engine.settings.items():
            for name in (setting, *names):
                theirs, stands_for, value = name.partition("=")
                if same(theirs) == same(flag):
                    words = ("--set", f"{setting}={value if stands_for else VALUE}")
                    return Meaning(words, takes_value=not stands_for)
        if (needless := _needless(flag, engine.decides)) is not None:
            return needless
    if any(same(name) == same(flag) for name in OUTPUT):
        says = "A run keeps its output; it is written elsewhere by mlcc export."
        return Meaning(takes_value=True, says=says, then=f"&& mlcc export --to {VALUE}")
    if any(same(name) == same(flag) for name in PUSHED):
        says = "A finished run is pushed by mlcc push."
        return Meaning(takes_value=True, says=says, then=f"&& mlcc push {VALUE}")
    return None


def _of_a_command(flag: str, command: click.Command) -> Meaning | None:
    """Return the meaning of a flag that any command does without, or has as an argument."""
    if (needless := _needless(flag, NEEDLESS)) is not None:
        return needless
    if flag in QUIET:
        return Meaning(says="Progress and notes go to stderr.", then="2>/dev/null")
    arguments = {param.name for param in command.params if isinstance(param, click.Argument)}
    if arguments & {"target", "targets", "run", "runs"} and flag in OF_A_TARGET:
        return Meaning((VALUE,), takes_value=True)
    if "folder" in arguments and flag in OF_A_FOLDER:
        return Meaning((VALUE,), takes_value=True)
    return None


def _of_tune(flag: str, elsewhere: Mapping[str, click.Option]) -> Meaning | None:
    """Return the meaning of a flag that ``mlcc tune`` has, and the command goes without."""
    option = elsewhere.get(flag)
    if option is None:
        return None
    says = "It is a flag of mlcc tune, which this command does without."
    return Meaning(takes_value=not option.is_flag, says=says)


def _needless(flag: str, sentences: Mapping[str, str]) -> Meaning | None:
    """Return the meaning of a flag that is listed, with a sentence that says why it goes."""
    for name, sentence in sentences.items():
        theirs, has_value, _ = name.partition("=")
        if same(theirs) == same(flag):
            return Meaning(takes_value=bool(has_value), says=sentence)
    return None


def _near(flag: str, own: Mapping[str, click.Option]) -> Meaning | None:
    """Return the option whose name is spelled nearly like the flag, from its first letter on."""
    names = {name.removeprefix("--"): name for name in own if name.startswith("--")}
    bare = flag.lstrip("-").replace("_", "-")
    close = [name for name in close_matches(bare, names) if name[:1] == bare[:1].casefold()]
    return _of(own[names[close[0]]]) if close else None
