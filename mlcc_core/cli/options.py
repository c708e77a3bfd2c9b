"""Options and arguments that several commands share, with the names that a shell completes."""

from __future__ import annotations

from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

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


def platform_names(*context: object) -> list[CompletionItem]:
    """Return the platforms whose names begin with the last word of ``context``."""
    from mlcc_core.loader.manager import build_manager

    incomplete = str(context[-1])
    names = build_manager().platforms
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def destination_names(*context: object) -> list[CompletionItem]:
    """Return the further places of platforms whose names begin with the last word."""
    from mlcc_core.loader.manager import build_manager

    incomplete = str(context[-1])
    platforms = build_manager().platforms.values()
    names = dict.fromkeys(name for platform in platforms for name in platform.destinations)
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def technique_names(*context: object) -> list[CompletionItem]:
    """Return the techniques whose names begin with the last word of ``context``."""
    from mlcc_core.loader.manager import build_manager

    incomplete = str(context[-1])
    return [
        CompletionItem(name, help=technique.use_case)
        for name, technique in build_manager().techniques.items()
        if name.startswith(incomplete)
    ]


def run_names(*context: object) -> list[CompletionItem]:
    """Return the runs of the project, and the techniques, that begin with the last word."""
    from mlcc_core.actions.runs.find import run_names as names
    from mlcc_core.errors import MlccError
    from mlcc_core.project.project import Project

    incomplete = str(context[-1])
    try:
        found = [name for name in names(Project.find()) if name.startswith(incomplete)]
    except MlccError:
        found = []  # there is no project here
    return [*technique_names(*context), *(CompletionItem(name) for name in found)]


platform_option = click.option(
    *short("--platform"),
    metavar="NAME",
    shell_complete=platform_names,
    help="Where to work; by default PLATFORM of do/config.",
)

run_argument = click.argument("run", required=False, shell_complete=run_names)

technique_option = click.option(
    *short("--technique"),
    metavar="NAME",
    shell_complete=technique_names,
    help="The customization technique to apply (see: mlcc plugins).",
)

max_cost_option = click.option(
    "--max-cost",
    type=float,
    metavar="USD",
    help="Refuse what may cost more US dollars than this, or has no known price.",
)
