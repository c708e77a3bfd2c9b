"""Equal models are seldom told apart, unequal ones are, and the interval holds the truth."""

import math

import pytest

from tests.mlcc_core.actions.evaluate.simulated import (
    normal,
    seldom_apart,
    simulations,
    token_losses,
    yes_or_no,
)

pytestmark = pytest.mark.slow

ROWS = (20, 50, 200)
RATES = (0.1, 0.5, 0.9)
AT_MOST = 0.065


def called_different(draw, rows, count):
    verdicts = [verdict for _, verdict in simulations(draw, rows, count)]
    return sum(verdict in ("better", "worse") for verdict in verdicts) / count


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("draw", [normal(), token_losses()], ids=["normal", "token losses"])
def test_equal_models_are_seldom_called_different(draw, rows):
    assert called_different(draw, rows, 2000) <= AT_MOST


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("correlated", [False, True])
@pytest.mark.parametrize("rate", RATES)
def test_equal_rates_are_seldom_called_different(rate, correlated, rows):
    assert called_different(yes_or_no(rate, rate, correlated), rows, 2000) <= AT_MOST


@pytest.mark.parametrize("share", [0.1, 0.3])
@pytest.mark.parametrize("rows", [20, 50])
def test_rewards_that_are_mostly_equal_are_seldom_called_different(share, rows):
    assert called_different(seldom_apart(share), rows, 1000) <= AT_MOST


@pytest.mark.parametrize(
    ("draw", "rows", "at_least"),
    [
        (normal(1.0), 20, 0.8),
        (normal(0.5), 50, 0.6),
        (normal(0.35), 200, 0.9),
        (token_losses(0.5), 50, 0.8),
        (yes_or_no(0.9, 0.3, correlated=False), 20, 0.9),
        (yes_or_no(0.8, 0.5, correlated=False), 50, 0.8),
        (yes_or_no(0.7, 0.5, correlated=False), 200, 0.95),
        (yes_or_no(0.7, 0.5, correlated=True), 50, 0.6),
    ],
)
def test_real_differences_are_found(draw, rows, at_least):
    found = [(interval, verdict) for interval, verdict in simulations(draw, rows, 300)]
    right = [i.difference > 0 for i, verdict in found if verdict in ("better", "worse")]
    assert len(right) / len(found) >= at_least
    assert all(right) or not any(right)  # never on the wrong side


@pytest.mark.parametrize(
    ("draw", "truth", "rows"),
    [
        (normal(0.7), 0.7, 20),
        (normal(0.7), 0.7, 50),
        # the mean of the losses, by which the factor multiplies, is that of a lognormal variable
        (token_losses(0.5), -0.5 * math.exp(0.7**2 / 2), 50),
        (yes_or_no(0.8, 0.5, correlated=False), 0.3, 20),
        (yes_or_no(0.8, 0.5, correlated=True), 0.3, 50),
        (yes_or_no(0.3, 0.1, correlated=False), 0.2, 200),
        (yes_or_no(0.98, 0.02, correlated=False), 0.96, 20),
    ],
)
def test_the_interval_holds_the_true_difference(draw, truth, rows):
    found = [interval for interval, _ in simulations(draw, rows, 1000)]
    held = sum(interval.low <= truth <= interval.high for interval in found) / len(found)
    assert held >= 0.925
