"""The difference between two models on the same rows, and how sure it is.

The interval is a paired bootstrap: rows are drawn again and again, each with the values of both
models. By itself that is too narrow for few rows, so that two equal models would be told apart far
more often than in 5 of 100 evaluations. Three things widen it:

* Percentiles are taken further out, as far as Student's t lies outside the normal distribution and
  as the bootstrap's variance is too small (Hesterberg, 2015).
* Each end is at least as far out as that of the t interval, which is the wider one where few rows
  differ much.
* Values that say yes or no (0 and 1, with 0.5 for a tie) have two rows added, one that each model
  wins (Bonett and Price, 2012): twenty rows without a difference do not prove that there is none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from random import Random
from statistics import NormalDist, fmean, stdev

from mlcc_core.contract.evaluation import Verdict

RESAMPLES = 2000
ENOUGH_ROWS = 20
"""Fewer rows have no verdict."""

KEPT_ROWS = 1000
"""Drawings of more rows than these are made anew each time: kept, they would fill the memory."""

TWO_SIDED = 0.975
YES_OR_NO = frozenset((0.0, 0.5, 1.0))


@dataclass(frozen=True, slots=True)
class Interval:
    """A paired difference.

    Attributes:
        mean, against: of the values of both models.
        difference: ``mean - against``.
        low, high: its 95 % interval.
    """

    mean: float
    against: float
    difference: float
    low: float
    high: float


def paired_difference(values: Sequence[float], against: Sequence[float], seed: int = 0) -> Interval:
    """Return how far the means of two models are apart on the same rows.

    Args:
        values: of the model that is measured, a finite number a row.
        against: of the other one, in the same order. The order itself changes nothing.
        seed: of the resampling.

    Raises:
        ValueError: there are no values, or not as many of both.
    """
    differences = sorted(ours - theirs for ours, theirs in zip(values, against, strict=True))
    mean, other = fmean(values), fmean(against)
    difference = math.fsum(differences) / len(differences)
    yes_or_no = YES_OR_NO.issuperset(values) and YES_OR_NO.issuperset(against)
    if yes_or_no:
        low, high = _ends([-1.0, *differences, 1.0], seed)
        low, high = max(low, -1.0), min(high, 1.0)
    elif len(differences) > 1:
        low, high = _ends(differences, seed)
    else:
        low, high = min(difference, 0.0), max(difference, 0.0)  # one row shows nothing
    return Interval(mean, other, difference, min(low, difference), max(high, difference))


def verdict(interval: Interval, rows: int, higher_is_better: bool | None) -> Verdict | None:
    """Return the word for a difference; ``None`` where neither direction is an improvement.

    Args:
        interval: of the difference.
        rows: that it is of.
        higher_is_better: as the metric has it.
    """
    if higher_is_better is None:
        return None
    if rows < ENOUGH_ROWS:
        return "too few rows"
    if interval.low <= 0.0 <= interval.high:
        return "no difference shown"
    return "better" if (interval.low > 0.0) == higher_is_better else "worse"


def _ends(differences: Sequence[float], seed: int) -> tuple[float, float]:
    """Both ends of the interval of the mean of two differences or more."""
    if sum(differences) < 0.0:  # one model against the other is the mirror of the other way round
        low, high = _ends([-difference for difference in reversed(differences)], seed)
        return -high, -low
    rows = len(differences)
    t = _students_t(rows - 1)
    center, error = fmean(differences), stdev(differences) / math.sqrt(rows)
    tail = NormalDist().cdf(-t * math.sqrt(rows / (rows - 1)))
    place = max(int(tail * (RESAMPLES + 1)) - 1, 0)
    means = sorted(_resampled_means(differences, seed))
    return min(means[place], center - t * error), max(means[-1 - place], center + t * error)


def _resampled_means(differences: Sequence[float], seed: int) -> Iterator[float]:
    rows = len(differences)
    drawings = _kept_drawings(rows, seed) if rows <= KEPT_ROWS else _drawings(rows, seed)
    return (sum(draw(differences)) / rows for draw in drawings)


def _drawings(rows: int, seed: int) -> Iterator[Callable[[Sequence[float]], Sequence[float]]]:
    """Functions that draw as many of some rows as there are, with replacement."""
    generator, places = Random(seed), list(range(rows))  # noqa: S311 - drawn for no secret
    return (itemgetter(*generator.choices(places, k=rows)) for _ in range(RESAMPLES))


@lru_cache(maxsize=4)
def _kept_drawings(rows: int, seed: int) -> Sequence[Callable[[Sequence[float]], Sequence[float]]]:
    """The same, kept for the other metrics of an evaluation."""
    return tuple(_drawings(rows, seed))


def _students_t(freedom: int) -> float:
    """The 97.5 % point of Student's t distribution: exact to 0.001 from four degrees on.

    Below that, it is too small (Abramowitz and Stegun, 26.7.5): so few rows have no verdict.
    """
    x = NormalDist().inv_cdf(TWO_SIDED)
    odd = [math.pow(x, power) for power in (1, 3, 5, 7, 9)]
    terms = (
        (odd[1] + odd[0]) / 4,
        (5 * odd[2] + 16 * odd[1] + 3 * odd[0]) / 96,
        (3 * odd[3] + 19 * odd[2] + 17 * odd[1] - 15 * odd[0]) / 384,
        (79 * odd[4] + 776 * odd[3] + 1482 * odd[2] - 1920 * odd[1] - 945 * odd[0]) / 92160,
    )
    return x + math.fsum(term / freedom**power for power, term in enumerate(terms, start=1))
