"""The error for flags that a command does not have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from mlcc_core.cli.meant.meaning import Meaning, meaning
from mlcc_core.cli.meant.mended import Mended, mend
from mlcc_core.cli.meant.parsed import parses
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import close_matches
from mlcc_core.project.commands import COMMANDS

if TYPE_CHECKING:
    from mlcc_core.contract.technique.recipe import Engine


def flag_error(error: click.UsageError, words: Sequence[str]) -> MlccError | None:
    """Return the error for the unknown flags of a command line; ``None`` where none is the cause.

    It names what was meant, by spelling or as another program calls it. The hint is the whole
    command where it then parses.

    Args:
        error: as click raised it.
        words: the line, without the program's name.
    """
    context = error.ctx
    if context is None:
        return None
    if context.parent is None:
        return _before_the_command(error, context, words)
    mended = mend(words, context, _finder(context))
    return _in_words(mended, context.command_path) if mended.unknown else None


def line_meant(program: click.Command, name: str, rest: Sequence[str]) -> str | None:
    """Return the command that is meant by a line whose flags may be those of other programs.

    Args:
        program: the group of all commands.
        name: of a command.
        rest: the words after it.

    Returns:
        ``None`` where no command comes of it that mlcc takes.
    """
    from mlcc_core.cli.console import Console

    line = [name, *rest]
    context = click.Context(program, info_name="mlcc", obj=Console(line))
    found = program.get_command(context, name) if isinstance(program, click.Group) else None
    if found is None or isinstance(found, click.Group):
        return None
    inner = click.Context(found, info_name=name, parent=context)
    mended = mend(line, inner, _finder(inner))
    return mended.line if mended.parses else None


def _finder(context: click.Context) -> Callable[[str], Meaning | None]:
    sets = any("--set" in param.opts for param in context.command.params)
    engines = _engines() if sets else ()
    elsewhere = {} if sets else _flags_of_tune(context)
    return lambda flag: meaning(flag, context.command, engines, elsewhere)


def _flags_of_tune(context: click.Context) -> dict[str, click.Option]:
    """Return the options of ``mlcc tune`` by each of their names."""
    root = context.find_root()
    program = root.command
    tune = program.get_command(root, "tune") if isinstance(program, click.Group) else None
    options = [param for param in tune.params if isinstance(param, click.Option)] if tune else []
    return {name: option for option in options for name in option.opts}


def _in_words(mended: Mended, path: str) -> MlccError:
    """Return the error: the flags, those that were meant, and why some are needless."""
    first, meant, value = mended.unknown[0]
    if len(mended.unknown) > 1:
        pairs = (
            f"{flag} is {each.shown(text)}" if each and each.words else flag
            for flag, each, text in mended.unknown
        )
        what = f"Unknown flags: {', '.join(pairs)}."
    elif meant is None:
        what = f"Unknown flag {first!r} of {path}."
    else:
        asked = f" Did you mean {meant.shown(value)!r}?" if meant.words else f" {meant.says}"
        what = f"Unknown flag {first!r}.{asked}"
    said = [(flag, each.says) for flag, each, _ in mended.unknown if each and each.says]
    return MlccError(
        what,
        hint=mended.line if mended.parses else f"{path} --help",
        detail=tuple(f"{flag}: {says}" for flag, says in said) if len(mended.unknown) > 1 else (),
    )


def _before_the_command(
    error: click.UsageError, context: click.Context, words: Sequence[str]
) -> MlccError | None:
    """Return the error for a flag that stands before the command it belongs to, or alone."""
    if not isinstance(error, click.NoSuchOption):
        return None
    name = next((word for word in words if word in COMMANDS), "tune")
    rest = list(words)
    if name in rest:
        rest.remove(name)
    line = [name, *rest]
    if parses(context.command, line):
        what = f"{error.option_name!r} belongs after the command {name!r}."
        return MlccError(what, hint=Mended(line).line)
    command = context.command
    found = command.get_command(context, name) if isinstance(command, click.Group) else None
    if found is not None and name in words and not isinstance(found, click.Group):
        inner = click.Context(found, info_name=name, parent=context)
        mended = mend(line, inner, _finder(inner))
        if mended.unknown:
            return _in_words(mended, inner.command_path)
    own = [flag for parameter in command.get_params(context) for flag in parameter.opts]
    close = close_matches(error.option_name, own)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    typed = " ".join(("mlcc", close[0], *rest[1:])) if close else "mlcc --help"
    return MlccError(f"Unknown flag {error.option_name!r} of mlcc.{meant}", hint=typed)


def _engines() -> tuple[Engine, ...]:
    """Return the engines of the installed platforms."""
    from mlcc_core.loader.manager import build_manager

    platforms = build_manager().platforms.values()
    return tuple({engine.name: engine for p in platforms for engine in p.engines}.values())
