"""``mlcc stop``: end a running job."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.job_commands import chosen_job
from mlcc_core.cli.shared import technique_argument


@click.command("stop")
@technique_argument
@common_options
@click.pass_obj
def command(console: Console, technique: str | None) -> None:
    """Stop the running job (of TECHNIQUE, where several are tracked)."""
    from mlcc_core.session import open_session

    session = open_session(say=console.say)
    job, platform = chosen_job(session, technique, "stop")
    before = platform.describe(session.context, job)
    if before.final:
        console.show(f"ℹ️  {job} is not running: {before.status}.")
    else:
        platform.stop(session.context, job)
        console.show(f"✅ {job} is being stopped.")
        console.show("   ./do/tune --status")
    after = platform.describe(session.context, job)
    console.document({"job": job, "status": after.status})
