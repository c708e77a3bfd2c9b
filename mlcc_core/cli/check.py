"""``mlcc check``: every row of a dataset, every error, a summary; the exit code is the verdict."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.dataset_options import dataset_options
from mlcc_core.cli.plugin_options import click_option, merged
from mlcc_core.cli.sections import SectionedCommand
from mlcc_core.cli.shared import technique_option
from mlcc_core.errors import ExitCode, MlccError, raise_all
from mlcc_core.tune.reporter import indented
from mlcc_core.tune.request import TuneRequest

if TYPE_CHECKING:
    from mlcc_core.manager import Plugins
    from mlcc_core.staging import CheckReport, RowError

OWN = ("technique", "model", "column_map", "on_misfit", "extract_prompt", "from_messages")

SECTIONS = {
    "Required": ("technique",),
    "Dataset": ("also", "model", *OWN[2:4], "no_transform", *OWN[4:], "fixed"),
}

SHOWN = 20
"""Errors that people see; scripts see up to the cap."""


def command() -> click.Command:
    """The command, with the evaluator options of every installed technique."""
    from mlcc_core.manager import build_manager

    plugins = build_manager()
    built = _without_plugins()
    evaluators = {
        name: tuple(argument.option for argument in plugins.technique(name).evaluator_args())
        for name in plugins.techniques
    }
    found = merged(evaluators)
    built.params += [click_option(option, names) for option, names in found.values()]
    built.sections["Evaluators (given, a dataset need not name one)"] = tuple(found)
    built.callback = _run_with(plugins)
    return built


def _without_plugins() -> SectionedCommand:
    @click.command("check", cls=SectionedCommand, sections=SECTIONS)
    @click.argument("dataset", required=False)
    @click.option("--dataset", "also", metavar="URI", help="The same as DATASET.")
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
    def check() -> None:
        """Check DATASET for a technique: every row, every error, a summary.

        Exit code 0 when every row is good, 1 otherwise.

        \b
        Examples:
          mlcc check train.jsonl --technique sft
          mlcc check "hf://my-org/pairs?file=*call*" --technique dpo --fixed good.jsonl
        """

    return check


def _run_with(plugins: Plugins) -> Any:
    @click.pass_obj
    def check(console: Console, /, **given: Any) -> int:
        from mlcc_core.check import check_dataset
        from mlcc_core.project import Project
        from mlcc_core.session import open_session, source_access

        fixed = given.pop("fixed")
        try:
            project = Project.find()
        except MlccError:
            access, project = source_access(os.environ), None
        else:
            access = open_session(project=project, plugins=plugins, say=console.say).access
        request = request_from(given)
        report = check_dataset(plugins, request, access, project=project, fixed=fixed)
        _show(console, report, fixed)
        console.document({**dataclasses.asdict(report), "ok": report.ok})
        return ExitCode.DONE if report.ok else ExitCode.INPUT

    return check


def request_from(given: dict[str, Any]) -> TuneRequest:
    """The request that parsed options mean.

    Raises:
        MlccError: the dataset is missing or named twice, or the technique is missing.
    """
    argument, option = given.pop("dataset"), given.pop("also")
    if argument and option:
        raise MlccError(
            f"Two datasets are named, {argument} and {option}; expected one.",
            hint="mlcc check --help",
        )
    own = {name: given.pop(name) for name in OWN}
    raise_all(
        MlccError(f"{name} is missing.", hint="mlcc check --help")
        for name, value in (("DATASET", argument or option), ("--technique", own["technique"]))
        if not value
    )
    transform = not given.pop("no_transform")
    values = {key: value for key, value in given.items() if value is not None}
    return TuneRequest(dataset=argument or option, transform=transform, values=values, **own)


def _show(console: Console, report: CheckReport, fixed: Path | None) -> None:
    for note in report.notes:
        console.show(indented(f"ℹ️  {note}"))
    _show_verdict(console, report)
    if report.dropped:
        console.show(f"ℹ️  Columns not written: {', '.join(report.dropped)}")
    for warning in report.warnings:
        console.show(indented(f"⚠️  {warning}"))
    if report.duplicates:
        console.show(f"⚠️  {rows(report.duplicates)} the same as an earlier one")
    percentiles = (0, 50, 90, 99, 100)
    lengths = [
        (c.name, f"{c.empty:,}", *(f"{c.lengths.get(p, 0):,}" for p in percentiles))
        for c in report.columns
        if c.lengths
    ]
    console.show("📋 Lengths in characters")
    console.table(("column", "empty", "least", "median", "90 %", "99 %", "most"), lengths)
    ledger = report.ledger
    console.show(
        f"📋 Rows: {ledger.read:,} read = {ledger.written:,} good + {ledger.skipped:,} left out "
        f"+ {ledger.failed:,} wrong"
    )
    if fixed is not None:
        console.show(f"✅ {rows(report.valid)} written to {fixed}")
        if ledger.skipped:
            from mlcc_core.check import rejects_of

            console.show(f"ℹ️  Rows left out, with the reasons: {rejects_of(fixed)}")


def _show_verdict(console: Console, report: CheckReport) -> None:
    if report.ok:
        left_out = report.ledger.skipped
        good = f"{report.valid:,} good and {left_out:,} left out" if left_out else "all good"
        console.show(f"✅ {rows(report.rows)}, {good}; {report.bytes:,} bytes as JSON lines")
    elif report.error_count:
        _show_errors(console, report)
    else:
        console.show(f"❌ No row is left: all {report.rows:,} were left out")
        for entry in report.ledger.files:
            for reason, count in entry.skipped.items():
                console.show(f"   {entry.file}: {count:,} {reason}")


def _show_errors(console: Console, report: CheckReport) -> None:
    console.show(f"❌ {report.error_count:,} of {rows(report.rows)} wrong")
    for error in report.errors[:SHOWN]:
        console.show(f"   {_line(error)}")
    more = report.error_count - min(SHOWN, len(report.errors))
    if more > 0:
        console.show(f"   and {more:,} more (--json has them)")
    if any(error.misfit for error in report.errors):
        console.show("ℹ️  Rows that flattening or a repair would damage can be left out:")
        console.show(f"   {console.command_with('--on-misfit', 'skip')}")


def _line(error: RowError) -> str:
    place = f"{error.file}:{error.line}" + (f", {error.column}" if error.column else "")
    return f"{place}: found {error.found}, expected {error.expected}"


def rows(count: int) -> str:
    """``1 row``, ``1,200 rows``."""
    return f"{count:,} row{'' if count == 1 else 's'}"
