"""The error for a command that does not exist: it names the one that was meant."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from mlcc_core.cli.meant.parsed import parses
from mlcc_core.cli.meant.unknown_flag import line_meant
from mlcc_core.cli.meant.words.leads import ALONE, IN_GROUPS, LEADS, Lead
from mlcc_core.cli.meant.words.nouns import lead_of_noun
from mlcc_core.errors import MlccError
from mlcc_core.helpers.formats import FORMAT_BY_SUFFIX
from mlcc_core.helpers.names import close_matches, unknown_name


def unknown_command(
    program: click.Command, words: Sequence[str], known: Iterable[str]
) -> MlccError:
    """Return the error for the first word of a command line.

    Args:
        program: the group of all commands.
        words: from the unknown word on, without the program's name.
        known: the names of the commands that exist.
    """
    word, *rest = words
    noun = lead_of_noun(program, words, [*known])
    if noun is not None:
        what = noun.says or f"Did you mean {noun.command!r}?"
        return _led(program, f"Unknown command {word!r}. {what}", noun, [])
    lead = LEADS.get(word.casefold()) or _lead_of_data(word)
    if lead is not None:
        what = lead.says or f"Did you mean {lead.command!r}?"
        return _led(program, f"Unknown command {word!r}. {what}", lead, _kept(word, lead, rest))
    if techniques := _techniques(word):
        called = "" if word.casefold() in techniques else f" here called {' or '.join(techniques)},"
        what = f"{word!r} is not a command, but a technique,{called} which 'tune' takes as a flag."
        named = [*rest, "--technique", techniques[0]] if rest else []
        return _led(program, what, Lead("tune", alone="tune --help"), named)
    if _is_platform(word):
        what = f"{word!r} is not a command, but a platform, which a project names:"
        return _led(program, what, Lead(f"init my-project --platform {word.casefold()}"), [])
    close = close_matches(word, known)
    return unknown_name("command", word, known, hint=_mended(program, close, rest))


def unknown_in_group(
    program: click.Command, path: Sequence[str], words: Sequence[str], known: Sequence[str]
) -> MlccError:
    """Return the error for an unknown command of a group: ``mlcc runs ls``.

    Args:
        program: the group of all commands.
        path: of the group: ``["runs"]``.
        words: from the unknown word on.
        known: the names of the commands of the group.
    """
    word, *rest = words
    meant = [name for name in IN_GROUPS.get(word.casefold(), ()) if name in known]
    names = (meant or close_matches(word, known))[:1]
    group = shlex.join(("mlcc", *path))
    asked = f" Did you mean {names[0]!r}?" if names else ""
    hint = f"{group} --help"
    if not names and word.casefold() in ALONE and parses(program, [*path, *rest]):
        asked, hint = f" Did you mean {group!r}?", shlex.join(("mlcc", *path, *rest))
    if names:
        hint = _hint(program, [*path, names[0]], rest) or f"{group} {names[0]} --help"
    return MlccError(
        f"Unknown command {word!r} of {group}.{asked}",
        hint=hint,
        detail=(f"Known commands: {', '.join(sorted(known))}",),
    )


def _kept(word: str, lead: Lead, rest: Sequence[str]) -> list[str]:
    """Return the words that follow the command that is meant."""
    return [word, *rest] if lead.command == "tune" and _lead_of_data(word) else list(rest)


def _lead_of_data(word: str) -> Lead | None:
    """Return the way for a word that is a file or an address: it is the dataset of ``tune``."""
    if "://" in word or ("." in word and Path(word).is_file()):
        return Lead("tune", "A dataset follows a command:")
    if any(ending in FORMAT_BY_SUFFIX for ending in Path(word.casefold()).suffixes[-2:]):
        return Lead("tune", "There is no such file; a dataset follows a command:")
    return None


def _is_platform(word: str) -> bool:
    from mlcc_core.loader.manager import build_manager

    return word.casefold() in build_manager().platforms


def _techniques(word: str) -> list[str]:
    """Return the techniques of this name, or that other programs call so."""
    from mlcc_core.loader.manager import build_manager

    plugins, name = build_manager(), word.casefold()
    return [name] if name in plugins.techniques else plugins.techniques_called(name)


def _led(program: click.Command, what: str, lead: Lead, rest: Sequence[str]) -> MlccError:
    alone = lead.alone or lead.command
    hint = _hint(program, shlex.split(lead.command), rest) if rest or not lead.alone else None
    return MlccError(what, hint=hint or f"mlcc {alone}")


def _mended(program: click.Command, close: Sequence[str], rest: Sequence[str]) -> str:
    if not close:
        return "mlcc --help"
    return _hint(program, [close[0]], rest) or f"mlcc {close[0]} --help"


def _hint(program: click.Command, command: Sequence[str], rest: Sequence[str]) -> str | None:
    """Return the whole command if mlcc takes it, with the flags that were meant."""
    line = [*command, *rest]
    if parses(program, line):
        return shlex.join(("mlcc", *line))
    return line_meant(program, command[0], rest) if len(command) == 1 else None
