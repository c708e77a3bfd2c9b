"""``mlcc version``: what ``mlcc --version`` prints."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options


@click.command("version")
@common_options
@click.pass_obj
def command(console: Console) -> None:
    """Show the version of mlcc.

    \b
    Examples:
      mlcc version
      mlcc version --json
    """
    from importlib.metadata import version

    number = version("mlcc")
    console.result(f"mlcc, version {number}")
    console.document({"version": number})
