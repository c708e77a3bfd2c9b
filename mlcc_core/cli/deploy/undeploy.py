"""``mlcc undeploy``: take down what was deployed."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import platform_option
from mlcc_core.errors import Interrupted


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
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.confirm import confirm

    session = open_session(platform=platform, say=console.note)
    notice = session.platform.undeploy_notice(session.context)
    if notice and not yes:
        console.note("📋 Undeploying removes:")
        for line in notice:
            console.note(f"   {line}")
        if not confirm("Remove all of this?"):
            raise Interrupted("Nothing was removed.")
    lines = session.platform.undeploy(session.context)
    for line in lines:
        console.result(line)
    console.document({"undeployed": list(lines)})
