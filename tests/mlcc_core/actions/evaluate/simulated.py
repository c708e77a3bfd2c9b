"""Simulated evaluations: two models on the same rows, judged as real ones are."""

from functools import lru_cache
from random import Random

from mlcc_core.actions.evaluate.statistics import paired_difference, verdict


@lru_cache(maxsize=2_000)
def judged(pairs):
    """Interval and verdict of pairs of values; those of yes and no come again, and are kept."""
    ours, theirs = zip(*pairs, strict=True)
    interval = paired_difference(ours, theirs)
    return interval, verdict(interval, len(pairs), higher_is_better=True)


def simulations(draw, rows, count, seed=1):
    """Interval and verdict of ``count`` evaluations of rows that ``draw(random)`` gives."""
    generator = Random(seed)
    for _ in range(count):
        pairs = [draw(generator) for _ in range(rows)]
        # both right or both wrong: the difference, which alone is judged, is none
        yield judged(tuple(sorted(pair if pair[0] != pair[1] else (0.0, 0.0) for pair in pairs)))


def normal(shift=0.0):
    """Values of a bell curve, those of our model moved."""
    return lambda random: (random.gauss(shift, 1), random.gauss(0, 1))


def token_losses(factor=1.0):
    """Losses of a row: most are small, some are large, and both models find the same rows hard."""

    def draw(random):
        hardness = random.lognormvariate(0, 0.7)
        ours, theirs = (hardness * random.gammavariate(2, 0.5) for _ in range(2))
        return factor * ours, theirs

    return draw


def seldom_apart(share):
    """Rewards that are equal in most rows."""

    def draw(random):
        same = random.random()
        return (random.gauss(same, 1) if random.random() < share else same), same

    return draw


def yes_or_no(ours, theirs, correlated):
    """Rates of success, on the same rows or as if each model had its own."""

    def draw(random):
        first, second = random.random(), random.random()
        if correlated and random.random() < 0.7:
            second = first
        return float(first < ours), float(second < theirs)

    return draw
