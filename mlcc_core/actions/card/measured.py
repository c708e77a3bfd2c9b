"""The numbers of a card: from stored evaluations and from the training itself, no others."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlcc_core.actions.card.leaving import Leaving
from mlcc_core.actions.evaluate.stored import read_evaluations
from mlcc_core.actions.runs.compare.held_out import HeldOut, held_out_of
from mlcc_core.actions.session import Session
from mlcc_core.contract.evaluation import Evaluation, MetricResult
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import plural
from mlcc_core.project.records import RunRecord

HEAD = "| metric | against | mean there | here | difference (95 % interval) | rows | verdict |"
RULE = "|---|---|---|---|---|---|---|"

TWO_WAYS = (
    "  The training measured this by itself, and counts each token of a batch alike; the tables "
    "below count each row alike, so that a loss on the same rows may differ a little."
)

NORMAL = 1.96
"""Standard errors on each side of a number that make a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that was measured of a run.

    Attributes:
        evaluations: the newest of each dataset and comparison, the newest first.
        held_out: the number of held-out rows that judges the run.
        error: of that number, one standard error; ``None`` where it was not measured.
        rows: that were held out; ``None`` where the run does not tell.
    """

    evaluations: tuple[Evaluation, ...]
    held_out: HeldOut | None
    error: float | None
    rows: int | None

    @property
    def any(self) -> bool:
        """Return whether there is any number."""
        return bool(self.evaluations) or self.held_out is not None


def measured_of(session: Session, record: RunRecord) -> Measured:
    """Return what was measured of a run; evaluations that cannot be read are told of."""
    try:
        stored = read_evaluations(session.project, record.job)
    except MlccError as damaged:
        session.say(f"⚠️  {damaged.what}")
        stored = []
    newest: dict[tuple[str, str, tuple[str, ...]], Evaluation] = {}
    for each in reversed(stored):
        names = tuple(sorted(result.metric for result in each.metrics))
        newest.setdefault((each.dataset, each.against, names), each)
    held_out = held_out_of(record.metrics)
    error = None if held_out is None else record.metrics.get(f"{held_out.metric}_error")
    rows = record.metrics.get("held_out_rows")
    return Measured(tuple(newest.values()), held_out, error, None if rows is None else int(rows))


def results(measured: Measured, leaving: Leaving, about: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines that say how good the model is, and how well that is known.

    Args:
        measured: of the run.
        leaving: cleans texts.
        about: lines on the files themselves, which come first.
    """
    yield from (f"- {line}" for line in about)
    if measured.held_out is not None:
        yield f"- {_held_out_line(measured, measured.held_out)}"
        if measured.evaluations:
            yield TWO_WAYS
    for evaluation in measured.evaluations:
        yield ""
        yield f"On {leaving.text(evaluation.dataset)}:"
        yield ""
        yield HEAD
        yield RULE
        yield from (_row(evaluation, result, leaving) for result in evaluation.metrics)
        yield from _verdict(evaluation, leaving)
        settings = {str(key): value for key, value in evaluation.settings.items() if value}
        if settings:
            yield ""
            shown = (f"{key} {leaving.value(key, value)}" for key, value in settings.items())
            yield f"Asked with: {', '.join(shown)}."
        for problem in evaluation.problems:
            yield f"- not measured: {leaving.text(problem)}"


def unmeasured(measured: Measured) -> Iterator[str]:
    """Yield what was not measured, so that it is not taken for granted."""
    if not measured.evaluations:
        yield "Its answers were not compared with those of the base model."
    if measured.held_out is None:
        yield "No number was measured on rows that were held out of its training."
    trained = [e for e in measured.evaluations if e.settings.get("trained_rows")]
    if trained:
        yield "Some rows of an evaluation may be rows that it was trained on."
    few = [r for e in measured.evaluations for r in e.metrics if r.verdict == "too few rows"]
    if few:
        yield f"{_listed(few)}: too few rows for a verdict."
    unsure = [r for e in measured.evaluations for r in e.metrics if r.interval is None]
    if unsure:
        yield f"{_listed(unsure)}: nothing tells how sure the difference is."
    unclear = [
        r for e in measured.evaluations for r in e.metrics if r.verdict == "no difference shown"
    ]
    if unclear:
        yield f"{_listed(unclear)}: no difference from what it was compared with was shown."
    yield "Nothing else was measured: neither safety, nor bias, nor other tasks or languages."


def numbers(measured: Measured) -> Iterator[tuple[str, str, str, float]]:
    """Yield dataset, type, title and value of each measured number that is finite."""
    for evaluation in measured.evaluations:
        for result in evaluation.metrics:
            if math.isfinite(result.mean):
                yield evaluation.dataset, result.metric, result.title, round(result.mean, 6)
    held_out = measured.held_out
    if held_out is not None and math.isfinite(held_out.after):
        title = held_out.title.capitalize()
        yield "held-out rows", held_out.metric, title, round(held_out.after, 6)


def _held_out_line(measured: Measured, held_out: HeldOut) -> str:
    before = "" if held_out.before is None else f"{held_out.before:.4g} before training, "
    error = ""
    if measured.error is not None:
        low, high = (held_out.after + sign * NORMAL * measured.error for sign in (-1, 1))
        error = f" ({low:.4g} to {high:.4g}, 95 % interval)"
    rows = "" if measured.rows is None else f", on {measured.rows:,} rows that were not trained on"
    return f"{held_out.title.capitalize()}: {before}{held_out.after:.4g} after it{error}{rows}."


def _row(evaluation: Evaluation, result: MetricResult, leaving: Leaving) -> str:
    title = f"{result.title} ({result.unit})" if result.unit else result.title
    verdict = result.verdict or ""
    cells = (
        f"{title}{' — decides' if result.decides else ''}",
        leaving.text(evaluation.against),
        f"{result.against:.4g}",
        f"{result.mean:.4g}",
        f"{result.difference:+.4g} ({_interval(result)})",
        _rows(result) + (f" ({result.missing:,} without a value)" if result.missing else ""),
        "; ".join(filter(None, (verdict, leaving.text(result.note)))),
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _interval(result: MetricResult) -> str:
    ends = result.interval
    return "no interval" if ends is None else f"{ends[0]:+.4g} to {ends[1]:+.4g}"


def _rows(result: MetricResult) -> str:
    return "not told" if result.rows is None else f"{result.rows:,}"


def _verdict(evaluation: Evaluation, leaving: Leaving) -> Iterator[str]:
    """Yield the verdict, as ``mlcc evaluate`` has it."""
    decided = evaluation.deciding
    if decided is not None and decided.verdict is not None:
        yield ""
        yield (
            f"Against {leaving.text(evaluation.against)}: **{decided.verdict}**, by "
            f"{decided.title} {decided.against:.4g} → {decided.mean:.4g}"
            f"{_on_rows(decided)}."
        )


def _on_rows(result: MetricResult) -> str:
    return "" if result.rows is None else f" on {plural(result.rows, 'row')}"


def _listed(found: Sequence[MetricResult]) -> str:
    return ", ".join(dict.fromkeys(result.title for result in found))
