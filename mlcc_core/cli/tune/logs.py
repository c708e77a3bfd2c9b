"""``mlcc logs``: a job's log."""

from __future__ import annotations

from collections.abc import Iterator

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.meant.letters import short
from mlcc_core.cli.options import run_argument
from mlcc_core.errors import Interrupted


@click.command("logs")
@run_argument
@click.option(*short("--follow"), is_flag=True, help="Go on until the job ends.")
@common_options
@click.pass_obj
def command(console: Console, run: str | None, follow: bool) -> None:
    """Show the log of the job.

    RUN, where several are tracked, is a job's name or a start of it that no other has; or a
    technique, for its latest job.

    \b
    Examples:
      mlcc logs
      mlcc logs sft -f
      mlcc logs my-project-sft-3f
    """
    from mlcc_core.actions.jobs import JobRequest, logs
    from mlcc_core.actions.session import open_session

    log = logs(open_session(say=console.note), JobRequest(run, follow))
    try:
        _show(console, log.job, log.lines)
    except KeyboardInterrupt:
        raise Interrupted(f"Interrupted; the job {log.job} is not affected.") from None


def _show(console: Console, job: str, lines: Iterator[str]) -> None:
    if console.json:
        console.document({"job": job, "lines": list(lines)})
        return
    empty = True
    for line in lines:
        # A progress bar begins its line anew: what a terminal would show is the last.
        console.result(line.rstrip("\r").rpartition("\r")[2], whole=True)
        empty = False
        if console.unread:
            return
    if empty:
        console.note(f"ℹ️  The log of {job} is empty so far.")
