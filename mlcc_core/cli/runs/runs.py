"""``mlcc runs``: every run of the project."""

from __future__ import annotations

import dataclasses

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.deploy.standing_text import standing_lines
from mlcc_core.cli.meant.group import Group
from mlcc_core.cli.meant.letters import short
from mlcc_core.cli.options import run_names, technique_name, technique_names
from mlcc_core.cli.runs import compare, report


@click.group(name="runs", cls=Group)
def command() -> None:
    """List, show, compare, report and remove the runs of this project.

    RUN is a job's name or a start of it that no other has; or a technique, for its latest run.

    \b
    Examples:
      mlcc runs list
      mlcc runs show sft
      mlcc runs compare sft my-project-sft-3f
    """


@command.command("list")
@click.option(
    *short("--technique"),
    metavar="NAME",
    shell_complete=technique_names,
    callback=technique_name,
    help="Only runs of this technique.",
)
@click.option("--status", metavar="STATUS", help="Only runs in this state: completed, failed, …")
@common_options
@click.pass_obj
def list_them(console: Console, technique: str | None, status: str | None) -> None:
    """List every run, the newest first; the latest of a technique is marked with a star.

    With numbers of held-out rows before training and after it, the latest evaluation, and the
    settings that changed since the run of that technique before it. Below the runs stand
    evaluations that go on as jobs, and what this project has deployed and that costs by the hour.

    \b
    Examples:
      mlcc runs list
      mlcc runs list -t sft --status completed
      mlcc runs list --json
    """
    from mlcc_core.actions.evaluate.managed.job.unfinished import unfinished
    from mlcc_core.actions.money.standing import standing
    from mlcc_core.actions.runs.rows import RunsRequest, list_runs
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.runs.run_text import run_table

    session = open_session(say=console.note)
    rows = list_runs(session, RunsRequest(technique, status))
    stands = standing(session)
    if rows:
        console.table(*run_table(rows))
    elif technique or status:
        console.result("ℹ️  No run of this project is like that.")
        console.result("   mlcc runs list")
    else:
        console.result("ℹ️  This project has no runs.")
        console.result("   mlcc tune --help")
    evaluations = list(unfinished(session.project, session.say))
    for each in evaluations:
        console.result(f"↻ {each.job}, an evaluation, goes on with: {each.command}")
    for line in standing_lines(stands):
        console.result(line)
    runs = [dataclasses.asdict(row) for row in rows]
    unseen = [dataclasses.asdict(each) for each in evaluations]
    console.document({"runs": runs, "evaluation_jobs": unseen, **dataclasses.asdict(stands)})


@command.command("show")
@click.argument("run", shell_complete=run_names)
@click.option(
    "--as-file", is_flag=True, help="Print a run file: `mlcc tune --file` asks for this run again."
)
@common_options
@click.pass_obj
def show(console: Console, run: str, as_file: bool) -> None:
    """Show everything that is known of RUN.

    \b
    Examples:
      mlcc runs show sft
      mlcc runs show my-project-sft-3f --as-file > run.yaml
    """
    from mlcc_core.actions.evaluate.stored import read_evaluations
    from mlcc_core.actions.runs.run_file.writing import run_file_text
    from mlcc_core.actions.runs.show import RunRequest, show_run
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.runs.run_text import record_lines

    session = open_session(say=console.note)
    record = show_run(session, RunRequest(run))
    text = run_file_text(record) if as_file else None
    evaluations = read_evaluations(session.project, record.job)
    for line in record_lines(record, evaluations) if text is None else text.splitlines():
        console.result(line, whole=as_file)
    in_short = [
        {
            "against": each.against,
            "dataset": each.dataset,
            "created": each.created,
            "metrics": [dataclasses.asdict(result) for result in each.metrics],
        }
        for each in evaluations
    ]
    console.document({"run": record.model_dump(mode="json"), "file": text, "evaluations": in_short})


@command.command("remove")
@click.argument("runs", nargs=-1, required=True, metavar="RUN…", shell_complete=run_names)
@click.option(*short("--yes"), is_flag=True, help="Do not ask before removing anything.")
@click.option(
    "--force", is_flag=True, help="Even if its output is deployed, or another run went on from it."
)
@common_options
@click.pass_obj
def remove(console: Console, runs: tuple[str, ...], yes: bool, force: bool) -> None:
    """Remove runs that are over: record, job and output, where the platform can.

    \b
    Examples:
      mlcc runs remove my-project-sft-3f
      mlcc runs remove sft dpo --yes
    """
    from mlcc_core.actions.runs.remove import RemoveRunsRequest, remove_runs
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.confirm import confirm

    session = open_session(say=console.note, confirm=confirm)
    removed = remove_runs(session, RemoveRunsRequest(runs, yes, force))
    for run in removed:
        console.result(f"✅ {run.job} is removed.")
        for line in run.lines:
            console.result(f"   {line}")
    console.document({"removed": [dataclasses.asdict(run) for run in removed]})


command.add_command(compare.command)
command.add_command(report.command)
