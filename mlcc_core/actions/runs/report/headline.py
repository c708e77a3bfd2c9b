"""The verdict at the top of a report."""

from __future__ import annotations

from mlcc_core.actions.runs.compare.held_out import held_out_of
from mlcc_core.actions.runs.report.model import Headline, Mood, signed
from mlcc_core.contract.evaluation import Evaluation, MetricResult
from mlcc_core.helpers.text import first_line, plural
from mlcc_core.project.records import RunRecord

MOODS: dict[str | None, Mood] = {"better": "good", "worse": "bad"}


def headline_of(record: RunRecord, evaluation: Evaluation | None) -> Headline:
    """Return the verdict of the latest evaluation, else of held-out rows, else that none is."""
    evaluate = f"mlcc evaluate {record.job}"
    if evaluation is not None and evaluation.deciding is not None:
        return _judged(evaluation, evaluation.deciding)
    if evaluation is not None:
        why = "; ".join(evaluation.problems) or "the metric that decides has no result."
        return Headline("open", "Not judged", why, evaluate)
    if record.status != "completed":
        how = "interrupted" if record.interrupted else record.status
        why = first_line(record.reason) if record.reason else ""
        again = record.command if record.interrupted else None
        return Headline("bad" if record.status == "failed" else "open", f"Run {how}", why, again)
    held_out = held_out_of(record.metrics)
    if held_out is not None:
        text = "Not evaluated: rows held out of training were measured, answers were not compared."
        return Headline("open", held_out.in_words().capitalize(), text, evaluate)
    return Headline("open", "Not evaluated", "Answers were not compared with anything.", evaluate)


def _judged(evaluation: Evaluation, result: MetricResult) -> Headline:
    titles = {
        "better": f"Better than {evaluation.against}",
        "worse": f"Worse than {evaluation.against}",
        "no difference shown": f"No difference from {evaluation.against} shown",
        "too few rows": "Too few rows for a verdict",
        None: f"{result.title} has no better or worse",
    }
    ends = result.interval
    if ends is None and result.higher_is_better is not None:
        titles[None] = "No verdict: nothing tells how sure the difference is"
    unit = f" ({result.unit})" if result.unit else ""
    reach = "" if ends is None else f", 95 % interval {signed(ends[0])} to {signed(ends[1])}"
    rows = "" if result.rows is None else f"; {plural(result.rows, 'row')}"
    text = (
        f"{result.title}{unit}: {result.against:.4g} → {result.mean:.4g}, difference "
        f"{signed(result.difference)}{reach}{rows} ({evaluation.dataset}).{_worse(evaluation)}"
    )
    return Headline(MOODS.get(result.verdict, "open"), titles[result.verdict], text)


def _worse(evaluation: Evaluation) -> str:
    """Return a sentence about the other metrics that got worse; empty for none."""
    worse = [r for r in evaluation.metrics if r.verdict == "worse" and not r.decides]
    means = [f"{r.title} {r.against:.4g} → {r.mean:.4g}" for r in worse]
    return f" Worse by: {', '.join(means)}." if means else ""
