"""``mlcc check``: every row of a dataset, every error, a summary; the exit code is the verdict."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.dataset_options import dataset_options
from mlcc_core.cli.shared import technique_option
from mlcc_core.errors import ExitCode, MlccError

if TYPE_CHECKING:
    from mlcc_core.staging import CheckReport, RowError

SHOWN = 20
"""Errors that people see; scripts see up to the cap."""


@click.command("check")
@click.argument("dataset", metavar="DATASET")
@technique_option
@click.option("--model", metavar="ID", help="The model, where its dataset format differs.")
@dataset_options
@click.option(
    "--fixed",
    metavar="OUT",
    type=click.Path(path_type=Path),
    help="Write the rows that are good, converted, to this new file.",
)
@common_options
@click.pass_obj
def command(console: Console, /, **given: Any) -> int:
    """Check DATASET for a technique: every row, every error, a summary.

    Exit code 0 when every row is good, 1 otherwise.

    \b
    Examples:
      mlcc check train.jsonl --technique sft
      mlcc check "hf://my-org/pairs?file=*call*" --technique dpo --fixed good.jsonl
    """
    from mlcc_core.check import check_dataset
    from mlcc_core.manager import build_manager
    from mlcc_core.project import Project
    from mlcc_core.tune.request import TuneRequest

    fixed = given.pop("fixed")
    if not given["technique"]:
        hint = f"mlcc check {given['dataset']} --technique <technique>"
        raise MlccError("--technique is missing.", hint=hint)
    try:
        project = Project.find()
    except MlccError:
        project = None
    request = TuneRequest(transform=not given.pop("no_transform"), **given)
    report = check_dataset(
        build_manager(),
        request,
        project.settings() if project else os.environ,
        project=project,
        fixed=fixed,
    )
    _show(console, report, fixed)
    console.document({**dataclasses.asdict(report), "ok": report.ok})
    return ExitCode.DONE if report.ok else ExitCode.INPUT


def _show(console: Console, report: CheckReport, fixed: Path | None) -> None:
    for note in report.notes:
        console.show(f"ℹ️  {note}")
    if report.ok:
        console.show(f"✅ {report.rows:,} rows, all good; {report.bytes:,} bytes as JSON lines")
    else:
        console.show(f"❌ {report.error_count:,} of {report.rows:,} rows are wrong")
        for error in report.errors[:SHOWN]:
            console.show(f"   {_line(error)}")
        more = report.error_count - min(SHOWN, len(report.errors))
        if more > 0:
            console.show(f"   and {more:,} more (--json has them)")
    if report.dropped:
        console.show(f"ℹ️  Columns not written: {', '.join(report.dropped)}")
    for warning in report.warnings:
        console.show(f"⚠️  {warning}")
    if report.duplicates:
        console.show(f"⚠️  {report.duplicates:,} rows repeat an earlier one")
    percentiles = (0, 50, 90, 99, 100)
    rows = [
        (c.name, f"{c.empty:,}", *(f"{c.lengths.get(p, 0):,}" for p in percentiles))
        for c in report.columns
    ]
    console.show("📋 Lengths in characters")
    console.table(("column", "empty", "least", "median", "90 %", "99 %", "most"), rows)
    ledger = report.ledger
    console.show(
        f"📋 Rows: {ledger.read:,} read = {ledger.written:,} good + {ledger.skipped:,} left out "
        f"+ {ledger.failed:,} wrong"
    )
    if fixed is not None:
        console.show(f"✅ {report.valid:,} good rows written to {fixed}")


def _line(error: RowError) -> str:
    place = f"{error.file}:{error.line}" + (f", {error.column}" if error.column else "")
    return f"{place}: found {error.found}, expected {error.expected}"
