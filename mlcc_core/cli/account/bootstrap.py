"""``mlcc bootstrap``: role, permissions and bucket for jobs in an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.meant.letters import short
from mlcc_core.cli.options import platform_option

if TYPE_CHECKING:
    from mlcc_core.actions.account.bootstrap import BootstrapAction


@click.command("bootstrap")
@click.argument("action", type=click.Choice(["create", "update", "remove"]), default="create")
@click.option(*short("--yes"), is_flag=True, help="Do not ask.")
@platform_option
@common_options
@click.pass_obj
def command(console: Console, action: BootstrapAction, yes: bool, platform: str | None) -> None:
    """Create, update or remove the role, permissions and bucket of the platform's account.

    \b
    Examples:
      mlcc bootstrap
      mlcc bootstrap update -y
      mlcc bootstrap remove
    """
    from mlcc_core.actions.account.bootstrap import BootstrapRequest, bootstrap
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.confirm import confirm

    session = open_session(platform=platform, say=console.note, confirm=confirm)
    lines = bootstrap(session, BootstrapRequest(action, yes))
    for line in lines:
        console.result(line)
    console.document({"action": action, "notes": list(lines)})
