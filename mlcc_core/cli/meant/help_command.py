"""``mlcc help [COMMAND]``: what ``mlcc COMMAND --help`` prints."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console


@click.command("help")
@click.argument("words", nargs=-1, metavar="[COMMAND]…")
@click.pass_context
def command(context: click.Context, words: tuple[str, ...]) -> None:
    """Show the help of COMMAND, or of mlcc.

    \b
    Examples:
      mlcc help
      mlcc help tune
      mlcc help runs list
    """
    shown = context.find_root()
    rest = list(words)
    while rest and isinstance(shown.command, click.Group):
        name, found, rest = shown.command.resolve_command(shown, rest)
        if found is None:
            break
        shown = click.Context(found, info_name=name, parent=shown)
    context.ensure_object(Console).result(shown.get_help(), whole=True)
