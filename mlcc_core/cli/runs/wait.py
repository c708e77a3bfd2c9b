"""``mlcc wait``: watch runs to their end."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import run_names


@click.command("wait")
@click.argument("runs", nargs=-1, metavar="[RUN]…", shell_complete=run_names)
@click.option(
    "--timeout", metavar="TIME", help="Wait no longer than this: 90s, 15m, 2h; the jobs go on."
)
@click.option(
    "--poll-interval", type=float, metavar="SECONDS", help="Seconds between two looks at a job."
)
@common_options
@click.pass_obj
def command(
    console: Console, runs: tuple[str, ...], timeout: str | None, poll_interval: float | None
) -> None:
    """Watch runs until all of them are over; by default those that run.

    RUN is a job's name or a start of it that no other has; or a technique, for its latest run.

    Exit codes are those of tune: 0 if all completed; 2 if one failed or was stopped; 3 if one was
    interrupted (the command that has it go on is shown), the platform cannot be asked, or the time
    of --timeout is up.

    \b
    Examples:
      mlcc tune train.jsonl --technique sft --no-wait && mlcc wait sft
      mlcc wait --timeout 2h && ./do/adapter add tuned-sft --from-tune sft
    """
    import dataclasses

    from mlcc_core.actions.runs.duration import seconds_of
    from mlcc_core.actions.runs.wait import WaitRequest, wait
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.progress import TuneProgress
    from mlcc_core.cli.tune.result_text import result_document, result_lines

    limit = None if timeout is None else seconds_of(timeout, "--timeout")
    session = open_session(say=console.note)
    with TuneProgress(console) as reporter:
        session = dataclasses.replace(session, say=reporter.say)
        results = wait(session, WaitRequest(runs, limit, poll_interval), reporter)
    for result in results:
        for line in result_lines(result):
            console.result(line)
    console.document({"runs": [result_document(result) for result in results]})
