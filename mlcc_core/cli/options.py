"""Options and arguments that several commands share, with the names that a shell completes."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


def _platform_names(*context: object) -> list[CompletionItem]:
    from mlcc_core.loader.manager import build_manager

    incomplete = str(context[-1])
    names = build_manager().platforms
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _technique_names(*context: object) -> list[CompletionItem]:
    from mlcc_core.loader.manager import build_manager

    incomplete = str(context[-1])
    return [
        CompletionItem(name, help=technique.use_case)
        for name, technique in build_manager().techniques.items()
        if name.startswith(incomplete)
    ]


platform_option = click.option(
    "--platform",
    metavar="NAME",
    shell_complete=_platform_names,
    help="Where to work; by default PLATFORM of do/config.",
)

technique_argument = click.argument("technique", required=False, shell_complete=_technique_names)

technique_option = click.option(
    "--technique",
    metavar="NAME",
    shell_complete=_technique_names,
    help="The customization technique to apply (see: mlcc plugins).",
)
