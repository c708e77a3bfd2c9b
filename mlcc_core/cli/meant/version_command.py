"""``mlcc version``: what ``mlcc --version`` prints."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console


@click.command("version")
@click.pass_obj
def command(console: Console) -> None:
    """Show the version of mlcc.

    \b
    Examples:
      mlcc version
    """
    from importlib.metadata import version

    console.result(f"mlcc, version {version('mlcc')}")
