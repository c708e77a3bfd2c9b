"""The scores of two jobs compared: row by row where both keep rows, else by their means."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from mlcc_core.actions.evaluate.measuring.compare import compare
from mlcc_core.actions.evaluate.measuring.scoring import GivenMeasure, Scores
from mlcc_core.actions.evaluate.statistics import ENOUGH_ROWS, Interval, verdict
from mlcc_core.actions.evaluate.task import Measured
from mlcc_core.contract.evaluation import MetricResult, RowResult, Verdict
from mlcc_core.contract.managed.spec import ManagedRow, ManagedScore, ManagedScores
from mlcc_core.errors import MlccError

NORMAL = 1.959964
"""Standard errors on each side that make a 95 % interval."""

UNPAIRED = "the platform keeps no rows: interval of two means with their standard errors, unpaired"
UNSURE = "the platform gives neither rows nor standard errors, so that there is no interval"


def measured_of(target: ManagedScores, against: ManagedScores, *, named: bool = False) -> Measured:
    """Return the results of every metric that both models have, and the rows of both.

    Args:
        target: the scores of the model that is measured.
        against: of the model that it is compared with.
        named: the user named the metrics; else one that does not decide may have no result.
    """
    theirs = {score.name: score for score in against.scores}
    deciding = _deciding(target)
    results, failed = [], {}
    for score in target.scores:
        other = theirs.pop(score.name, None)
        try:
            if other is None:
                raise MlccError(f"{score.title}: only the model that is measured has a value.")
            results.append(_result(score, other, target, against, score.name == deciding))
        except MlccError as error:
            failed[score.name] = error
    for score in theirs.values():
        what = f"{score.title}: only the model that is compared with has a value."
        failed[score.name] = MlccError(what)
    due = failed if named or not results else {deciding}
    errors = tuple(error for name, error in failed.items() if name in due)
    others = tuple(error for name, error in failed.items() if name not in due)
    return Measured(tuple(results), tuple(_rows(target, against)), errors, others)


def _deciding(scores: ManagedScores) -> str | None:
    """Return the metric that decides: the platform's choice, else the first with a direction."""
    directed = [score for score in scores.scores if score.higher_is_better is not None]
    chosen = [score for score in directed if score.decides] or directed
    return chosen[0].name if chosen else None


def _result(
    score: ManagedScore,
    other: ManagedScore,
    target: ManagedScores,
    against: ManagedScores,
    decides: bool,
) -> MetricResult:
    paired = _paired(score, target, against)
    if paired is not None:
        return compare(paired, decides=decides)
    if not (math.isfinite(score.value) and math.isfinite(other.value)):
        raise MlccError(f"{score.title}: {score.value} and {other.value}, expected numbers.")
    difference = score.value - other.value
    known = [each for each in (score.rows, other.rows) if each is not None]
    rows = min(known) if len(known) == 2 else None
    interval = None
    if score.error is not None and other.error is not None:
        reach = NORMAL * math.hypot(score.error, other.error)
        interval = Interval(
            score.value, other.value, difference, difference - reach, difference + reach
        )
    return MetricResult(
        metric=score.name,
        title=score.title,
        unit="",
        higher_is_better=score.higher_is_better,
        decides=decides,
        rows=rows,
        missing=0,
        mean=score.value,
        against=other.value,
        difference=difference,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        verdict=_verdict(interval, rows, score.higher_is_better),
        note=UNSURE if interval is None else UNPAIRED,
    )


def _verdict(interval: Interval | None, rows: int | None, higher: bool | None) -> Verdict | None:
    """Return the verdict of an unpaired difference; none without an interval.

    A platform that gives standard errors and does not count its rows has many: a benchmark's.
    """
    if interval is None:
        return None
    return verdict(interval, ENOUGH_ROWS if rows is None else rows, higher)


def _paired(score: ManagedScore, target: ManagedScores, against: ManagedScores) -> Scores | None:
    """Return the values of all rows, by their hash; ``None`` where a side keeps none."""
    ours, theirs = _values(target, score.name), _values(against, score.name)
    if not ours or not theirs or not ours.keys() & theirs.keys():
        return None
    keys = [*ours, *(key for key in theirs if key not in ours)]
    measure = GivenMeasure(score.name, score.title, score.higher_is_better)
    return Scores(measure, [ours.get(key) for key in keys], [theirs.get(key) for key in keys])


def _values(scores: ManagedScores, name: str) -> Mapping[str, float | None]:
    return {row.row: row.values[name] for row in scores.rows if name in row.values}


def _rows(target: ManagedScores, against: ManagedScores) -> Iterator[RowResult]:
    theirs = {row.row: row for row in against.rows}
    for row in target.rows:
        other = theirs.pop(row.row, None)
        yield _row(row, row, other)
    for other in theirs.values():
        yield _row(other, None, other)


def _row(asked: ManagedRow, ours: ManagedRow | None, theirs: ManagedRow | None) -> RowResult:
    return RowResult(
        row=asked.row,
        prompt=tuple(asked.prompt),
        expected=asked.expected,
        reply=ours.reply if ours is not None else None,
        against_reply=theirs.reply if theirs is not None else None,
        values=dict(ours.values) if ours is not None else {},
        against_values=dict(theirs.values) if theirs is not None else {},
    )
