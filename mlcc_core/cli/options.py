"""Options and arguments that several commands share, with the names that a shell completes."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from mlcc_core.cli.meant.letters import short
from mlcc_core.helpers.names import PLUGIN_NAME


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


def technique_name(*context: object) -> str | None:
    """Return a technique's name as plugins have them: in small letters."""
    value = context[-1]
    if not isinstance(value, str):
        return None
    return value.lower() if PLUGIN_NAME.match(value.lower()) else value


technique_option = click.option(
    *short("--technique"),
    metavar="NAME",
    shell_complete=technique_names,
    callback=technique_name,
    help="The customization technique to apply (see: mlcc plugins).",
)

max_cost_option = click.option(
    "--max-cost",
    type=float,
    metavar="USD",
    help="Refuse what may cost more US dollars than this, or has no known price.",
)
