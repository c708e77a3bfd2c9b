"""``mlcc runs compare``: runs beside each other."""

from __future__ import annotations

import dataclasses

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import run_names


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN…", shell_complete=run_names)
@common_options
@click.pass_obj
def command(console: Console, runs: tuple[str, ...]) -> None:
    """Show runs beside each other: settings that differ, curves, numbers, evaluations.

    \b
    Examples:
      mlcc runs compare my-project-sft-3f my-project-sft-7a
      mlcc runs compare sft dpo --json
    """
    from mlcc_core.actions.runs.compare.compare import CompareRequest, compare_runs
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.runs.compare_text import show_comparison

    found = compare_runs(open_session(say=console.note), CompareRequest(runs))
    show_comparison(console, found)
    console.document(dataclasses.asdict(found))
