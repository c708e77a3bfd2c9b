"""``mlcc undeploy``: take down what was deployed."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import platform_option


@click.command("undeploy")
@platform_option
@common_options
@click.pass_obj
def command(console: Console, platform: str | None) -> None:
    """Take down everything that this project deployed."""
    from mlcc_core.actions.session import open_session

    session = open_session(platform=platform, say=console.say)
    lines = session.platform.undeploy(session.context)
    for line in lines:
        console.show(line)
    console.document({"undeployed": list(lines)})
