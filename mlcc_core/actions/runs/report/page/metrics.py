"""The table of an evaluation: means, difference, interval, verdict."""

from __future__ import annotations

import time
from collections.abc import Iterator

from mlcc_core.actions.money.bill import in_words
from mlcc_core.actions.runs.report.draw.intervals import MOODS, interval
from mlcc_core.actions.runs.report.html import Markup, joined, tag
from mlcc_core.actions.runs.report.model import signed
from mlcc_core.actions.runs.report.page.parts import section, table
from mlcc_core.contract.evaluation import Evaluation, MetricResult


def metrics_section(evaluation: Evaluation) -> Markup:
    """Return the results of all metrics, the one that decides marked."""
    columns = ("metric", "verdict", "this run", evaluation.against, "difference", "95 % interval")
    rows = [_row(result) for result in evaluation.metrics]
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(evaluation.created))
    settings = ", ".join(f"{k} {v}" for k, v in evaluation.settings.items() if v is not None)
    about = f"{evaluation.target} against {evaluation.against} on {evaluation.dataset}, {when}"
    problems = (tag("p", problem, class_="problem") for problem in evaluation.problems)
    return section(
        "Evaluation",
        tag("p", about, f" ({settings})" if settings else "", class_="facts"),
        table(columns, rows, numbers=(2, 3, 4)),
        *problems,
        *(tag("p", line, class_="facts") for line in _costs(evaluation)),
    )


def _costs(evaluation: Evaluation) -> Iterator[str]:
    """Yield what the jobs of an evaluation were to cost, and what they have used up."""
    for word, charges in (("planned", evaluation.cost), ("spent", evaluation.spent)):
        yield from (f"{word}: {in_words(charge)}" for charge in charges)


def _row(result: MetricResult) -> tuple[str, ...]:
    unit = f" ({result.unit})" if result.unit else ""
    missing = f", {result.missing:,} without a value" if result.missing else ""
    decides = tag("b", " decides", class_="decides") if result.decides else None
    counted = "rows not told" if result.rows is None else f"{result.rows:,} rows"
    rows = tag("small", f"{counted}{missing}")
    note = tag("small", result.note) if result.note else None
    return (
        joined((f"{result.title}{unit}", decides, rows, note)),
        tag("span", result.verdict or "–", class_=f"word {MOODS.get(result.verdict, 'open')}"),
        f"{result.mean:.4g}",
        f"{result.against:.4g}",
        signed(result.difference),
        _reach(result),
    )


def _reach(result: MetricResult) -> Markup:
    ends = result.interval
    if ends is None:
        return tag("small", "no interval")
    return joined((interval(result, ends), tag("small", f"{signed(ends[0])} to {signed(ends[1])}")))
