"""``mlcc runs report``: a run as one HTML file."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.meant.letters import short
from mlcc_core.cli.options import run_names


@click.command("report")
@click.argument("run", shell_complete=run_names)
@click.option(
    *short("--to"),
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file; by default RUN.html in the project's folder.",
)
@common_options
@click.pass_obj
def command(console: Console, run: str, to: Path | None) -> None:
    """Write RUN as one HTML file: verdict, curves, metrics, examples, data, settings.

    It needs no network, and holds neither secrets nor places on this machine; but it shows rows of
    the evaluation: send it to those who may read these.

    \b
    Examples:
      mlcc runs report sft
      mlcc runs report my-project-sft-3f --to report.html
    """
    from mlcc_core.actions.runs.report.report import ReportRequest, write_report
    from mlcc_core.actions.session import open_session

    found = write_report(open_session(say=console.note), ReportRequest(run, to))
    console.result(f"✅ {os.path.relpath(found.path)}: {found.verdict}")
    console.document(dataclasses.asdict(found))
