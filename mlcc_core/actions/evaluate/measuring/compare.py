"""Two models compared: the means of one metric, their difference, the verdict."""

from __future__ import annotations

from mlcc_core.actions.evaluate.measuring.scoring import Scores
from mlcc_core.actions.evaluate.statistics import paired_difference, verdict
from mlcc_core.contract.evaluation import MetricResult
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import plural

SEED = 0
"""Of the bootstrap."""


def compare(scores: Scores, *, decides: bool) -> MetricResult:
    """Return the result of a metric, over the rows that have a value on both sides.

    Raises:
        MlccError: no row has.
    """
    metric = scores.metric
    pairs = [
        (ours, theirs)
        for ours, theirs in zip(scores.values, scores.against, strict=True)
        if ours is not None and theirs is not None
    ]
    if not pairs:
        count = plural(len(scores.values), "row")
        raise MlccError(f"{metric.title}: none of {count} has a value.", detail=scores.undecided)
    interval = paired_difference(
        [ours for ours, _ in pairs], [theirs for _, theirs in pairs], seed=SEED
    )
    notes = (scores.note, metric.note(interval.mean, interval.against))
    return MetricResult(
        metric=metric.name,
        title=metric.title,
        unit=metric.unit,
        higher_is_better=metric.higher_is_better,
        decides=decides,
        rows=len(pairs),
        missing=len(scores.values) - len(pairs),
        mean=interval.mean,
        against=interval.against,
        difference=interval.difference,
        low=interval.low,
        high=interval.high,
        verdict=verdict(interval, len(pairs), metric.higher_is_better),
        note="; ".join(note for note in notes if note),
    )
