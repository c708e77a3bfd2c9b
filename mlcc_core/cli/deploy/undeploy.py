"""``mlcc undeploy``: take down what was deployed, or what has expired of it."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.meant.letters import short
from mlcc_core.cli.options import platform_option


@click.command("undeploy")
@click.option(
    "--expired",
    is_flag=True,
    help="Only what has expired (see `mlcc deploy --expires`), without a question.",
)
@click.option(
    "--orphans",
    is_flag=True,
    help="Only what this project deployed and do/config does not name any more.",
)
@click.option(*short("--yes"), is_flag=True, help="Do not ask before removing anything.")
@platform_option
@common_options
@click.pass_obj
def command(
    console: Console, expired: bool, orphans: bool, yes: bool, platform: str | None
) -> None:
    """Take down everything that this project deployed.

    With --expired, for a scheduler: what is not to stand any longer, orphans included, as the
    platform tells it; exit code 0 where nothing has expired. Cut off, it goes on when run again.

    \b
    Examples:
      mlcc undeploy
      mlcc undeploy --expired
      mlcc undeploy --orphans --yes
    """
    from mlcc_core.actions.deploy.undeploy import UndeployRequest, undeploy
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.confirm import confirm

    session = open_session(platform=platform, say=console.note, confirm=confirm, reminds=False)
    lines = undeploy(session, UndeployRequest(yes, expired, orphans))
    for line in lines:
        console.result(line)
    console.document({"undeployed": list(lines)})
