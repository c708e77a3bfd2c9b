"""``mlcc train``: announces a future command."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options


@click.command("train")
@common_options
@click.pass_obj
def command(console: Console) -> None:
    """Custom training with your own code (coming in a future release)."""
    text = (
        "do/train will run training code of your own on instances that you choose. "
        "It is coming in a future release."
    )
    hint = "./do/tune --list-models"
    console.result(f"ℹ️  {text}")
    console.result("   For the supported models, do/tune is the fastest path:")
    console.result(f"   {hint}")
    console.document({"message": text, "hint": hint})
