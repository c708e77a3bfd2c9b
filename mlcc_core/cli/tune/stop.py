"""``mlcc stop``: end a running job."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import run_argument


@click.command("stop")
@run_argument
@common_options
@click.pass_obj
def command(console: Console, run: str | None) -> None:
    """Stop the running job.

    RUN, where several run, is a job's name or a start of it that no other has; or a technique, for
    its latest job.

    \b
    Examples:
      mlcc stop
      mlcc stop sft
    """
    from mlcc_core.actions.jobs import JobRequest, stop
    from mlcc_core.actions.session import open_session

    stopped = stop(open_session(say=console.note), JobRequest(run))
    if stopped.before.final:
        console.result(f"ℹ️  {stopped.job} is not running: {stopped.before.status}.")
    else:
        console.result(f"✅ {stopped.job} is being stopped.")
        console.result("   ./do/tune --status")
    console.document({"job": stopped.job, "status": stopped.after.status})
