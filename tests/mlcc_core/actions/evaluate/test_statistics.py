"""The difference of two models, its interval and its verdict."""

import math
from random import Random

import pytest

from mlcc_core.actions.evaluate.statistics import Interval, paired_difference, verdict


def losses(rows, seed=0):
    generator = Random(seed)
    return [generator.expovariate(1) for _ in range(rows)]


def test_means_and_difference_are_those_of_the_rows():
    found = paired_difference([1.0, 2.0, 6.0], [1.0, 1.0, 1.0])
    assert (found.mean, found.against, found.difference) == (3.0, 1.0, 2.0)
    assert found.low < 2.0 < found.high


def test_the_same_rows_and_seed_give_the_same_interval_in_any_order():
    ours, theirs = losses(40), losses(40, seed=1)
    found = paired_difference(ours, theirs, seed=7)
    assert paired_difference(ours, theirs, seed=7) == found
    assert paired_difference(ours[::-1], theirs[::-1], seed=7) == found
    assert paired_difference(ours, theirs, seed=8) != found


def test_the_other_way_round_the_interval_is_mirrored():
    ours, theirs = losses(60), losses(60, seed=1)
    one, other = paired_difference(ours, theirs), paired_difference(theirs, ours)
    assert (one.difference, one.low, one.high) == (-other.difference, -other.high, -other.low)


def test_more_rows_make_it_narrower():
    widths = []
    for rows in (20, 80, 320, 1280):
        found = paired_difference(losses(rows), losses(rows, seed=1))
        widths.append(found.high - found.low)
    assert widths == sorted(widths, reverse=True)


def test_pairs_count_and_not_the_spread_of_the_rows():
    easy_and_hard = [float(row) for row in range(20)]
    a_little_lower = [value - 0.1 - 0.001 * (row % 3) for row, value in enumerate(easy_and_hard)]
    found = paired_difference(a_little_lower, easy_and_hard)
    assert verdict(found, 20, higher_is_better=False) == "better"


def test_equal_answers_show_no_difference():
    same = losses(30)
    found = paired_difference(same, same)
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)
    assert verdict(found, 30, higher_is_better=False) == "no difference shown"


def test_a_constant_difference_is_one():
    same = losses(30)
    found = paired_difference([value - 1 for value in same], same)
    assert found.low == pytest.approx(-1.0)
    assert found.high == pytest.approx(-1.0)
    assert verdict(found, 30, higher_is_better=False) == "better"


@pytest.mark.parametrize("rows", [20, 50, 200])
def test_yes_and_no_without_a_difference_prove_little(rows):
    found = paired_difference([1.0] * rows, [1.0] * rows)
    assert (found.mean, found.against, found.difference) == (1.0, 1.0, 0.0)
    assert -3.7 / rows < found.low < -1.5 / rows
    assert 1.5 / rows < found.high < 3.7 / rows


def test_yes_in_every_row_against_no_leaves_room_below():
    found = paired_difference([1.0] * 20, [0.0] * 20)
    assert found.difference == found.high == 1.0
    assert 0.6 < found.low < 0.9
    assert verdict(found, 20, higher_is_better=True) == "better"


@pytest.mark.parametrize(
    ("won", "lost", "word"),
    [
        (4, 0, "no difference shown"),  # a sign test has p = 0.125
        (5, 0, "no difference shown"),  # 0.0625
        (7, 0, "better"),  # 0.016
        (0, 7, "worse"),
        (8, 2, "no difference shown"),  # 0.109
        (10, 1, "better"),  # 0.012
    ],
)
def test_few_rows_that_differ_are_judged_as_by_a_sign_test(won, lost, word):
    same = 20 - won - lost
    ours = [1.0] * won + [0.0] * lost + [1.0] * same
    theirs = [0.0] * won + [1.0] * lost + [1.0] * same
    found = paired_difference(ours, theirs)
    assert verdict(found, 20, higher_is_better=True) == word


def test_a_judge_with_ties_is_yes_or_no_too():
    found = paired_difference([0.5] * 20, [0.5] * 20)
    assert found.low < 0.0 < found.high


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("value", [0.25, 1.0])
def test_very_few_rows_have_finite_ends_and_no_verdict(rows, value):
    ours = [value + row for row in range(rows)]
    found = paired_difference(ours, [0.0] * rows)
    assert all(map(math.isfinite, (found.low, found.high)))
    assert found.low <= found.difference <= found.high
    assert verdict(found, rows, higher_is_better=True) == "too few rows"


def test_no_rows_or_rows_of_one_model_alone_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        paired_difference([], [])
    with pytest.raises(ValueError, match="zip"):
        paired_difference([1.0], [1.0, 2.0])


def test_many_rows_are_taken_as_they_are():
    found = paired_difference(losses(3000), losses(3000, seed=1))
    assert found.high - found.low == pytest.approx(2 * 1.96 * math.sqrt(2 / 3000), rel=0.1)


@pytest.mark.parametrize(
    ("low", "high", "rows", "higher", "word"),
    [
        (0.1, 0.3, 20, True, "better"),
        (0.1, 0.3, 20, False, "worse"),
        (-0.3, -0.1, 20, True, "worse"),
        (-0.3, -0.1, 20, False, "better"),
        (-0.1, 0.3, 20, True, "no difference shown"),
        (0.0, 0.3, 20, True, "no difference shown"),
        (-0.3, 0.0, 20, False, "no difference shown"),
        (0.1, 0.3, 19, True, "too few rows"),
        (0.1, 0.3, 200, None, None),
        (0.1, 0.3, 2, None, None),
    ],
)
def test_the_verdict_follows_the_interval(low, high, rows, higher, word):
    interval = Interval(0.0, 0.0, (low + high) / 2, low, high)
    assert verdict(interval, rows, higher) == word
