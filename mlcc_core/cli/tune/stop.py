"""``mlcc stop``: end a running job."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import technique_argument
from mlcc_core.cli.tune.job_commands import chosen_job


@click.command("stop")
@technique_argument
@common_options
@click.pass_obj
def command(console: Console, technique: str | None) -> None:
    """Stop the running job (of TECHNIQUE, where several are tracked)."""
    from mlcc_core.actions.session import open_session

    session = open_session(say=console.note)
    job, platform = chosen_job(session, technique, "stop")
    before = platform.describe(session.context, job)
    if before.final:
        console.result(f"ℹ️  {job} is not running: {before.status}.")
    else:
        platform.stop(session.context, job)
        console.result(f"✅ {job} is being stopped.")
        console.result("   ./do/tune --status")
    after = platform.describe(session.context, job)
    console.document({"job": job, "status": after.status})
