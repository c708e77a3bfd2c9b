"""Runs beside each other, for people: tables, and curves over each other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mlcc_core.actions.money.bill import dollars
from mlcc_core.actions.runs.compare.settings import value_text
from mlcc_core.cli.runs.curve_text import Line, curve_lines

if TYPE_CHECKING:
    from mlcc_core.actions.runs.compare.compare import ComparedRun, RunComparison
    from mlcc_core.cli.console import Console

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WIDEST = 100
"""Columns of a drawing at most."""


def show_comparison(console: Console, found: RunComparison) -> None:
    """Show runs beside each other, each under a letter."""
    letters = [LETTERS[place % len(LETTERS)] for place in range(len(found.runs))]
    heads = ("", "job", "technique", "platform", "status")
    console.table(
        heads,
        [
            (letter, run.job, run.technique, run.platform, run.status)
            for letter, run in zip(letters, found.runs, strict=True)
        ],
    )
    console.result()
    if found.differences:
        console.table(
            ("settings that differ", *letters),
            [(row.name, *(_cell(value) for value in row.values)) for row in found.differences],
        )
    else:
        console.result("ℹ️  They differ in no setting.")
    for metric in _drawn(found.runs):
        _draw(console, metric, letters, found.runs)
    console.result()
    console.table(("result", *letters), list(_numbers(found.runs)))
    if len({run.technique for run in found.runs}) > 1:
        console.result("⚠️  Their techniques differ: losses are not comparable.")
    if found.same_rows is False:
        console.result("⚠️  Their evaluations asked different rows: means are not comparable.")


def _cell(value: object) -> str:
    return value_text(value)


def _drawn(runs: Sequence[ComparedRun]) -> Iterator[str]:
    """Yield the metrics of which there are curves, in the order in which runs have them."""
    yield from dict.fromkeys(curve.metric for run in runs for curve in run.curves)


def _draw(
    console: Console, metric: str, letters: Sequence[str], runs: Sequence[ComparedRun]
) -> None:
    found = [
        (letter, curve)
        for letter, run in zip(letters, runs, strict=True)
        for curve in run.curves
        if curve.metric == metric
    ]
    lines = [Line(letter, curve.points) for letter, curve in found]
    console.result()
    console.result(f"📈 {found[0][1].title} by step")
    width = min(WIDEST, shutil.get_terminal_size().columns)
    console.drawing(curve_lines(lines, width=width, colours=console.colours))


def _numbers(runs: Sequence[ComparedRun]) -> Iterator[tuple[str, ...]]:
    """Yield a row a number: the last loss, held-out rows, results of evaluations."""
    losses = [run.metrics.get("loss") for run in runs]
    if any(loss is not None for loss in losses):
        yield ("loss", *("" if loss is None else f"{loss:.4g}" for loss in losses))
    titles = dict.fromkeys(run.held_out.title for run in runs if run.held_out is not None)
    for title in titles:
        yield (title, *(_held_out(run, title) for run in runs))
    metrics = {result.metric: result.title for run in runs for result in run.evaluated}
    for metric, title in metrics.items():
        yield (title, *(_evaluated(run, metric) for run in runs))
    costs = {"cost, planned": [r.cost for r in runs], "cost, spent": [r.spent for r in runs]}
    for title, amounts in costs.items():
        if any(amount is not None for amount in amounts):
            yield (title, *("" if amount is None else dollars(amount) for amount in amounts))


def _held_out(run: ComparedRun, title: str) -> str:
    held_out = run.held_out
    if held_out is None or held_out.title != title:
        return ""
    return held_out.in_words().removeprefix(f"{title} ")


def _evaluated(run: ComparedRun, metric: str) -> str:
    """Say a metric's mean of a run and of the model that it was compared with."""
    result = next((result for result in run.evaluated if result.metric == metric), None)
    if result is None:
        return ""
    verdict = f", {result.verdict}" if result.verdict else ""
    return f"{result.mean:.3g} (against {result.against:.3g}{verdict})"
