"""``mlcc secrets``: credentials in the platform's secret store, never in a file."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import platform_option
from mlcc_core.errors import MlccError

ACTIONS = ("set", "check", "remove")


@click.command("secrets")
@click.argument("action", type=click.Choice(ACTIONS))
@platform_option
@common_options
@click.pass_obj
def command(console: Console, action: str, platform: str | None) -> None:
    """Set, check or remove the token for private datasets.

    The value is asked for (or read from standard input), and never shown, logged or stored in
    a file.
    """
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.confirm import read_secret

    session = open_session(platform=platform, say=console.note, read_secret=read_secret)
    credentials = [s.credential for s in session.plugins.sources.values() if s.credential]
    if not credentials:
        raise MlccError("No installed source needs a credential.", hint="mlcc plugins")
    lines = [
        line
        for credential in credentials
        for line in session.platform.secrets(session.context, action, credential)
    ]
    for line in lines:
        console.result(line)
    console.document({"action": action, "notes": lines})
