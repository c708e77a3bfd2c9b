"""Scores of two jobs compared: row by row, by standard errors, or without an interval."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.actions.evaluate.managed.results import measured_of
from mlcc_core.contract.managed.spec import ManagedRow, ManagedScore, ManagedScores


def of_rows(**values: float | None) -> ManagedScores:
    rows = tuple(ManagedRow(name, values={"right": value}) for name, value in values.items())
    return ManagedScores((ManagedScore("right", "Right", 0.5),), rows)


def of_mean(
    value: float, error: float | None = None, rows: int | None = 100, higher: bool | None = True
) -> ManagedScores:
    score = ManagedScore("right", "Right", value, rows, error, higher)
    return ManagedScores((score,))


def test_rows_are_paired_by_their_hash() -> None:
    ours = of_rows(**{f"row{n}": 1.0 for n in range(40)}, mine=1.0, none=None)
    theirs = of_rows(**{f"row{n}": 0.0 for n in reversed(range(40))}, other=1.0)
    measured = measured_of(ours, theirs)
    (result,) = measured.results
    assert (result.mean, result.against, result.rows, result.missing) == (1.0, 0.0, 40, 3)
    assert result.verdict == "better"
    assert result.decides
    assert [row.row for row in measured.rows[-3:]] == ["mine", "none", "other"]
    assert measured.rows[-1].values == {}


def test_rows_that_none_shares_are_no_pairs() -> None:
    (result,) = measured_of(of_rows(a=1.0), of_rows(b=0.0)).results
    assert result.interval is None
    assert result.verdict is None


@given(
    st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1), st.sampled_from([1, 0])
)
def test_means_with_errors(one: float, other: float, first: float, second: float, up: int) -> None:
    """The interval lies about the difference, the verdict follows it, and the mirror is alike."""
    higher = bool(up)
    ours, theirs = of_mean(one, first, higher=higher), of_mean(other, second, higher=higher)
    (result,) = measured_of(ours, theirs).results
    low, high = result.interval or (math.nan, math.nan)
    assert (low + high) / 2 == pytest.approx(one - other, abs=1e-9)
    assert (high - low) / 2 == pytest.approx(1.959964 * math.hypot(first, second), abs=1e-9)
    (mirror,) = measured_of(theirs, ours).results
    turned = {"better": "worse", "worse": "better"}
    assert mirror.verdict == turned.get(str(result.verdict), result.verdict)
    if low <= 0 <= high:
        assert result.verdict == "no difference shown"
    assert "unpaired" in result.note


def test_few_rows_have_no_verdict_by_errors_either() -> None:
    (result,) = measured_of(of_mean(0.9, 0.01, rows=5), of_mean(0.1, 0.01)).results
    assert result.verdict == "too few rows"


@pytest.mark.parametrize(("ours", "theirs"), [(0.1, None), (None, 0.1), (None, None)])
def test_a_mean_without_an_error_has_no_interval(ours: float | None, theirs: float | None) -> None:
    (result,) = measured_of(of_mean(0.9, ours), of_mean(0.1, theirs, rows=None)).results
    assert (result.low, result.high, result.verdict, result.rows) == (None, None, None, None)
    assert result.difference == pytest.approx(0.8)
    assert "no interval" in result.note


def test_numbers_without_a_direction_decide_nothing() -> None:
    (result,) = measured_of(of_mean(3.0, 0.1, higher=None), of_mean(9.0, 0.1)).results
    assert result.verdict is None
    assert not result.decides


def test_a_metric_of_one_side_is_a_problem_if_it_was_named() -> None:
    both = ManagedScores((*of_mean(0.5).scores, ManagedScore("own", "Own", 1.0)))
    measured = measured_of(both, of_mean(0.5), named=True)
    assert [result.metric for result in measured.results] == ["right"]
    assert [error.what for error in measured.errors] == [
        "Own: only the model that is measured has a value."
    ]
    assert len(measured_of(of_mean(0.5), both, named=True).errors) == 1


def test_a_metric_of_one_side_that_was_not_named_fails_nothing() -> None:
    both = ManagedScores((*of_mean(0.5).scores, ManagedScore("own", "Own", 1.0)))
    for ours, theirs in ((both, of_mean(0.5)), (of_mean(0.5), both)):
        measured = measured_of(ours, theirs)
        assert measured.errors == ()
        assert len(measured.unmeasured) == 1


def test_a_metric_of_one_side_that_was_to_decide_is_a_problem() -> None:
    own = ManagedScores((ManagedScore("own", "Own", 1.0, decides=True), *of_mean(0.5).scores))
    measured = measured_of(own, of_mean(0.5))
    assert len(measured.errors) == 1
    assert [result.decides for result in measured.results] == [False]


def test_no_number_is_a_problem() -> None:
    measured = measured_of(of_mean(math.nan), of_mean(0.5))
    assert not measured.results
    assert "expected numbers" in measured.errors[0].what
