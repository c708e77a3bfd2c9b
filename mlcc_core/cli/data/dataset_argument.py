"""The argument DATASET, with what a shell completes for it."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from mlcc_core.cli.meant.letters import short


def complete_dataset(*context: object) -> list[CompletionItem]:
    """Return what may follow: paths, which the shell knows, and the schemes of installed sources.

    Args:
        context: the click context, the parameter and the word so far.
    """
    from mlcc_core.loader.manager import build_manager

    incomplete = str(context[-1])
    if "://" in incomplete:
        return []
    sources = build_manager().sources.values()
    schemes = sorted({f"{scheme}://" for source in sources for scheme in source.schemes if scheme})
    return [
        CompletionItem(incomplete, type="file"),
        *(CompletionItem(scheme) for scheme in schemes if scheme.startswith(incomplete)),
    ]


dataset_argument = click.argument(
    "words", nargs=-1, metavar="[DATASET]", shell_complete=complete_dataset
)

dataset_option = click.option(
    *short("--dataset"),
    "also",
    metavar="URI",
    shell_complete=complete_dataset,
    help="The URI of the dataset; the same as DATASET.",
)
