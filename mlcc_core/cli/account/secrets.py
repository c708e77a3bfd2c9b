"""``mlcc secrets``: credentials in the platform's secret store, never in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import platform_option

if TYPE_CHECKING:
    from mlcc_core.actions.account.secrets import SecretsAction

ACTIONS = ("set", "check", "remove")


@click.command("secrets")
@click.argument("action", type=click.Choice(ACTIONS))
@platform_option
@common_options
@click.pass_obj
def command(console: Console, action: SecretsAction, platform: str | None) -> None:
    """Set, check or remove the token for private datasets.

    The value is asked for (or read from standard input), and never shown, logged or stored in
    a file.

    \b
    Examples:
      mlcc secrets set
      mlcc secrets set < token.txt
      mlcc secrets check
    """
    from mlcc_core.actions.account.secrets import SecretsRequest, secrets
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.confirm import read_secret

    session = open_session(platform=platform, say=console.note, read_secret=read_secret)
    lines = list(secrets(session, SecretsRequest(action)))
    for line in lines:
        console.result(line)
    console.document({"action": action, "notes": lines})
