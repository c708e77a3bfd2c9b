"""Runs for people: a row of the table, and everything that is known of one."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from mlcc_core.actions.money.bill import dollars, saved_bill
from mlcc_core.actions.requests import flag_of
from mlcc_core.actions.runs.compare.held_out import held_out_of
from mlcc_core.actions.tune.plan.rows import recorded_rows
from mlcc_core.cli.evaluate.evaluation_text import evaluation_line
from mlcc_core.contract.job import metric_title
from mlcc_core.helpers.text import duration_text, indented

if TYPE_CHECKING:
    from mlcc_core.actions.runs.rows import RunRow
    from mlcc_core.contract.evaluation import Evaluation
    from mlcc_core.project.records import RunRecord

WIDTH = 20
"""Of the names of what is known of a run."""

COLUMNS = ("job", "technique", "platform", "status", "when", "rows", "result")
FURTHER = ("cost", "evaluation", "changed")
"""Columns that are left out where no run has anything in them."""

HEADLINES = ("reward", "loss")
"""Metrics that say something of a run without held-out rows, the most first."""

CHANGES = 3
"""Settings that a cell names at most."""

SAID = ("--dataset", "--technique", "--platform", "dataset form", "--max-cost")
"""Names of what is shown of a run above what decided it, or decided nothing."""


def run_table(rows: Sequence[RunRow]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the columns of a list of runs, and the cells of each."""
    further = [(_cost(row), _evaluation(row), _changed(row)) for row in rows]
    shown = [place for place in range(len(FURTHER)) if any(cells[place] for cells in further)]
    columns = (*COLUMNS, *(FURTHER[place] for place in shown))
    return columns, [
        (*_cells(row), *(cells[place] for place in shown))
        for row, cells in zip(rows, further, strict=True)
    ]


def _cells(row: RunRow) -> tuple[str, ...]:
    return (
        f"{row.job} *" if row.tracked else row.job,
        row.technique,
        row.platform,
        row.status,
        local_time(row.when),
        "" if row.rows is None else f"{row.rows:,}",
        headline(row.metrics),
    )


def _cost(row: RunRow) -> str:
    """Return what a run has cost, else what it was to cost."""
    if row.spent is not None:
        return dollars(row.spent)
    return "" if row.cost is None else f"{dollars(row.cost)} planned"


def _evaluation(row: RunRow) -> str:
    return "" if row.evaluation is None else row.evaluation.in_words()


def _changed(row: RunRow) -> str:
    """Say what a run has otherwise than the one before it."""
    if row.changed is None:
        return ""
    parts = [change.in_words().removeprefix("--") for change in row.changed]
    more = [f"{len(parts) - CHANGES} more"] if len(parts) > CHANGES else []
    return ", ".join((*parts[:CHANGES], *more)) or "nothing"


def headline(metrics: Mapping[str, float]) -> str:
    """Return the number that says most of a run: of held-out rows, and of the weights kept."""
    held_out = held_out_of(metrics)
    if held_out is not None:
        return held_out.in_words()
    name = next((name for name in HEADLINES if name in metrics), None)
    return "" if name is None else f"{metric_title(name)} {metrics[name]:.4g}"


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
        "output": _output(record),
        "again with": (record.command or "") if record.script is not None else "",
        "reason": record.reason or "",
        "problem": record.problem or "",
        "dataset": record.dataset or "",
        "form": record.form or "",
        "plan": record.plan_hash,
    }
    yield from _named({name: value for name, value in known.items() if value})
    yield from recorded_rows(record).lines()
    yield from saved_bill(record.cost).lines("planned: ")
    yield from saved_bill(record.spent).lines("spent: ")
    yield from _section("Decided by", _decided(record))
    yield from _section("Decided nothing", _idle(record))
    yield from _section("Took", {name: duration_text(s) for name, s in record.seconds.items()})
    yield from _section("Plugins", record.plugins)
    yield from _section("Libraries", record.libraries)
    lines = [
        f"   {local_time(each.created):<{WIDTH}} {evaluation_line(each)}" for each in evaluations
    ]
    yield from ["📋 Evaluated:", *lines] if lines else []
    if record.script is None:
        yield "📋 As a file:"
        yield f"   mlcc runs show {record.job} --as-file"


def _output(record: RunRecord) -> str:
    if record.output is not None:
        return f"{record.output.kind} at {record.output.path}"
    return (record.script.output or "") if record.script is not None else ""


def _decided(record: RunRecord) -> Mapping[str, object]:
    """Return what decided a run, as flags where there is one; long parts are left out."""
    idle = _idle(record)
    given = {flag: value for flag, value in _given(record).items() if flag not in idle}
    asked = {name: value for name, value in record.asked.items() if value is not None}
    # As it was given where it was: what was asked tells datasets by their content.
    found = {**asked, **given}
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, (str, int, float)) and name not in SAID
    }


def _given(record: RunRecord) -> dict[str, object]:
    return {flag_of(key): value for key, value in record.given.items()}


def _idle(record: RunRecord) -> Mapping[str, object]:
    """Return the flags of platform and events without which the same run is meant."""
    of_platform = set(map(flag_of, record.options))
    return {
        flag: ", ".join(map(str, value)) if isinstance(value, list) else value
        for flag, value in _given(record).items()
        if flag in of_platform and flag not in record.asked
    }


def _section(title: str, values: Mapping[str, object]) -> Iterator[str]:
    if values:
        yield f"📋 {title}:"
        yield from _named(values)


def _named(values: Mapping[str, object]) -> Iterator[str]:
    width = max(WIDTH, *map(len, values))
    for name, value in values.items():
        yield indented(f"   {name:<{width}} {value}", width + 4)
