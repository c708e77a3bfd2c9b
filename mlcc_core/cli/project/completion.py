"""``mlcc completion``: the script that makes a shell complete commands, flags and names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from mlcc_core.cli.console import Console

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_obj
def command(console: Console, shell: str) -> None:
    """Print the completion script for a shell.

    \b
    Examples:
      eval "$(mlcc completion bash)"
      mlcc completion fish > ~/.config/fish/completions/mlcc.fish
    """
    from mlcc_core.cli.main import mlcc

    found = get_completion_class(shell)
    if found is not None:
        console.result(found(mlcc, {}, "mlcc", "_MLCC_COMPLETE").source(), whole=True)
