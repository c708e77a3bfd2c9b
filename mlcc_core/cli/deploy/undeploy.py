"""``mlcc undeploy``: take down what was deployed."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import platform_option


@click.command("undeploy")
@click.option("--yes", is_flag=True, help="Do not ask before removing anything.")
@platform_option
@common_options
@click.pass_obj
def command(console: Console, yes: bool, platform: str | None) -> None:
    """Take down everything that this project deployed.

    \b
    Examples:
      mlcc undeploy
      mlcc undeploy --yes
    """
    from mlcc_core.actions.deploy.base import UndeployRequest, undeploy
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.confirm import confirm

    session = open_session(platform=platform, say=console.note, confirm=confirm)
    lines = undeploy(session, UndeployRequest(yes))
    for line in lines:
        console.result(line)
    console.document({"undeployed": list(lines)})
