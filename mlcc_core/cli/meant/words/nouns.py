"""Lines that begin with a verb for looking: ``mlcc list models``, ``mlcc show runs``."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import click

from mlcc_core.cli.meant.words.leads import LEADS, Lead

LOOKING = ("list", "ls", "show", "view", "get", "display", "print", "see")
"""Verbs that are followed by the name of what is looked at."""

LIST = "list"


def lead_of_noun(
    program: click.Command, words: Sequence[str], known: Collection[str]
) -> Lead | None:
    """Return the way from a verb and what is looked at; ``None`` for any other line.

    Args:
        program: the group of all commands.
        words: from the unknown word on, without the program's name.
        known: the names of the commands that exist.

    Example:
        ``list models`` leads to ``models``, ``show runs`` to ``runs list``.
    """
    if len(words) != 2 or words[0].casefold() not in LOOKING:
        return None
    noun = words[1].casefold()
    name = next((each for each in (noun, f"{noun}s") if each in known), None)
    if name is None or not isinstance(program, click.Group):
        return LEADS.get(noun)
    context = click.Context(program, info_name="mlcc")
    command = program.get_command(context, name)
    lists = isinstance(command, click.Group) and LIST in command.list_commands(context)
    return Lead(f"{name} {LIST}" if lists else name)
