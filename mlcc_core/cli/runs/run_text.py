"""Runs for people: a row of the table, and everything that is known of one."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from mlcc_core.actions.tune.plan.rows import recorded_rows
from mlcc_core.cli.evaluate.evaluation_text import evaluation_line
from mlcc_core.cli.progress import duration
from mlcc_core.contract.job import metric_title
from mlcc_core.helpers.text import indented

if TYPE_CHECKING:
    from mlcc_core.actions.runs.rows import RunRow
    from mlcc_core.contract.evaluation import Evaluation
    from mlcc_core.project.records import RunRecord

WIDTH = 20
"""Of the names of what is known of a run."""

HEADLINES = ("held_out_reward", "held_out_accuracy", "held_out_loss", "reward", "loss")
"""Metrics by how much they say of a run, the most first."""

SAID = ("--dataset", "--technique", "--platform", "dataset form")
"""Names of what is shown of a run above what decided it."""


def row_cells(row: RunRow) -> tuple[str, ...]:
    """Return the cells of a run: job, technique, platform, status, when, rows, result."""
    return (
        f"{row.job} *" if row.tracked else row.job,
        row.technique,
        row.platform,
        row.status,
        local_time(row.when),
        "" if row.rows is None else f"{row.rows:,}",
        headline(row.metrics),
    )


def headline(metrics: Mapping[str, float]) -> str:
    """Return the number that says most of a run: of held-out rows, and of the weights kept."""
    name = next((name for name in HEADLINES if name in metrics), None)
    if name is None:
        return ""
    return f"{metric_title(name)} {metrics.get(f'{name}_best', metrics[name]):.4g}"


def local_time(seconds: float) -> str:
    """Return a time on this machine's clock: ``2026-11-29 17:03``."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else ""


def record_lines(record: RunRecord, evaluations: Iterable[Evaluation] = ()) -> Iterator[str]:
    """Return the lines of ``runs show``: of a record, and of the evaluations of its run."""
    yield f"📋 {record.job}"
    known = {
        "technique": record.technique,
        "platform": record.platform,
        "status": "interrupted" if record.interrupted else record.status,
        "goes on with": (record.command or "") if record.interrupted else "",
        "sent": local_time(record.created or 0.0),
        "result": headline(record.metrics),
        "output": f"{record.output.kind} at {record.output.path}" if record.output else "",
        "reason": record.reason or "",
        "problem": record.problem or "",
        "dataset": record.dataset or "",
        "form": record.form or "",
        "plan": record.plan_hash,
    }
    yield from _named({name: value for name, value in known.items() if value})
    yield from recorded_rows(record).lines()
    yield from _section("Decided by", _decided(record))
    yield from _section("Took", {name: duration(s) for name, s in record.seconds.items()})
    yield from _section("Plugins", record.plugins)
    yield from _section("Libraries", record.libraries)
    evaluated = {local_time(each.created): evaluation_line(each) for each in evaluations}
    yield from _section("Evaluated", evaluated)
    yield "📋 As a file:"
    yield f"   mlcc runs show {record.job} --as-file"


def _decided(record: RunRecord) -> Mapping[str, object]:
    """Return what decided a run, as flags where there is one; long parts are left out."""
    given = {f"--{key.replace('_', '-')}": value for key, value in record.given.items()}
    asked = {name: value for name, value in record.asked.items() if value is not None}
    # As it was given where it was: what was asked tells datasets by their content.
    found = {**asked, **given}
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, (str, int, float)) and name not in SAID
    }


def _section(title: str, values: Mapping[str, object]) -> Iterator[str]:
    if values:
        yield f"📋 {title}:"
        yield from _named(values)


def _named(values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        yield indented(f"   {name:<{WIDTH}} {value}", WIDTH + 4)
