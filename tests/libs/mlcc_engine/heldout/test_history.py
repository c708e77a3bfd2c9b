"""The measures of held-out rows: which is best, when to stop, and the words for them."""

from __future__ import annotations

import json

import pytest

from mlcc_core.errors import MlccError
from mlcc_engine.heldout import cadence, evaluation
from mlcc_engine.heldout.cadence import Work
from mlcc_engine.heldout.history import History, Point
from mlcc_engine.heldout.measure import (
    LOSS,
    REWARD,
    Measure,
    held_out_words,
    in_our_words,
    measure_for,
)


def history(*values: float, measure: Measure = LOSS) -> History:
    found = History(measure, 50)
    for step, value in enumerate(values):
        found.add(Point(10 * step, value))
    return found


def test_the_lowest_loss_after_a_step_is_best() -> None:
    found = history(0.5, 2.0, 1.0, 1.5)
    assert found.best == Point(20, 1.0)
    assert found.after == Point(30, 1.5)
    assert not found.improved
    assert found.summary() == "0.5 → 1 (50 rows), kept from step 20, as it was 1.5 at the end"


def test_the_highest_reward_is_best_and_of_equal_ones_the_last() -> None:
    found = history(0.1, 0.7, 0.4, 0.7, measure=REWARD)
    assert found.best == found.after == Point(30, 0.7)
    assert found.improved
    assert found.verdict() is None
    assert found.summary() == "0.1 → 0.7 (50 rows)"


@pytest.mark.parametrize(
    ("values", "waited"),
    [((2.0, 1.0), 0), ((2.0, 1.0, 1.0, 1.2), 2), ((1.0, 2.0, 3.0), 2), ((2.0, 1.5, 1.7, 1.4), 0)],
)
def test_evaluations_without_a_better_one_are_counted(
    values: tuple[float, ...], waited: int
) -> None:
    assert history(*values).waited == waited


def test_nothing_that_improved_is_a_warning() -> None:
    assert "rose from 1 to 3 (50 rows): the model memorises" in str(history(1, 2, 3).verdict())
    assert "stayed at 1 (50 rows)" in str(history(1, 1).verdict())
    assert "stayed at 5.936 (50 rows)" in str(history(5.93623, 5.93622, 5.93621).verdict())
    assert "Held-out reward fell from 1 to 0.5" in str(history(1, 0.5, measure=REWARD).verdict())
    assert history(2.0, 1.0, 3.0).verdict() is None
    assert History(LOSS, 50).verdict() is None


def test_numbers_and_accuracy_are_told() -> None:
    found = History(LOSS, 1)
    found.add(Point(0, 0.69, 0.01, {"held_out_accuracy": 0.0}))
    found.add(Point(5, 0.2, 0.02, {"held_out_accuracy": 1.0}))
    assert found.summary() == "0.69 ± 0.01 → 0.2 ± 0.02 (1 row), accuracy 0 → 1"
    assert found.numbers() == {
        "held_out_loss_before": 0.69,
        "held_out_loss_best": 0.2,
        "held_out_loss_after": 0.2,
        "held_out_loss_error": 0.02,
        "held_out_accuracy_before": 0.0,
        "held_out_accuracy_best": 1.0,
        "held_out_accuracy_after": 1.0,
        "held_out_rows": 1,
        "held_out_step": 5,
    }


def test_it_survives_a_checkpoint_and_steps_that_are_done_again() -> None:
    found = history(3.0, 2.0, 1.0)
    again = History(LOSS, 50)
    again.remember(json.loads(json.dumps(found.memory())))
    assert again == found
    again.add(Point(10, 2.5))
    assert [point.step for point in again.points] == [0, 10]


def test_an_evaluation_costs_a_tenth_at_most_by_default() -> None:
    for work in (Work(1000, 8, 8, 50), Work(60, 4, 4, 6), Work(5000, 8, 2, 200)):
        interval = cadence.every(None, work, None)
        times = 1 + -(-work.steps // interval)
        assert times * work.evaluation / work.steps <= 0.1
        assert times > 2
    assert cadence.every(None, Work(10, 4, 4, 200), None) == 10
    assert cadence.every(None, Work(10_000, 8, 8, 50), None) == 500
    assert cadence.every(None, Work(10, 4, 4, 200), 3) == 1


def test_few_rows_go_in_small_batches_and_replies_in_whole_groups() -> None:
    assert [Work(9, 8, 8, rows).batch for rows in (1, 5, 6, 24, 50)] == [1, 1, 2, 5, 8]
    assert Work(9, 21, 7, 50, sampled=True).batch == 22


@pytest.mark.parametrize(("asked", "steps"), [("25", 25), ("10%", 20), ("0.1 %", 1), ("100%", 200)])
def test_what_is_asked_is_done(asked: str, steps: int) -> None:
    assert cadence.every(asked, Work(200, 4, 4, 50), None) == steps


@pytest.mark.parametrize("asked", ["0", "-1", "0%", "101%", "often", "1.5", "", "10e2"])
def test_an_interval_that_is_none(asked: str) -> None:
    with pytest.raises(MlccError, match="expected a number of steps") as caught:
        cadence.every(asked, Work(200, 4, 4, 50), None)
    assert caught.value.hint == "--eval-every 10%"


def test_the_plan_says_when() -> None:
    assert cadence.in_words(Work(60, 4, 4, 6), 20) == (
        "6 held-out rows are measured before, every 20 steps and after training: "
        "about 10 % more work"
    )
    assert "1 held-out row is measured before and after" in cadence.in_words(Work(60, 4, 4, 1), 60)
    assert cadence.in_words(Work(4, 4, 4, 9), 1).endswith(": about 271 % more work")


def test_the_error_is_that_of_the_mean() -> None:
    mean, error = evaluation.weighted_mean([(1.0, 1), (2.0, 1), (3.0, 1), (4.0, 1)])
    assert (mean, error) == (2.5, pytest.approx((5 / 3 / 4) ** 0.5))
    assert evaluation.weighted_mean([(1.0, 3), (2.0, 1)])[0] == 1.25
    assert evaluation.weighted_mean([(1.0, 3)]) == (1.0, None)
    assert evaluation.mean_of_groups([1.0, 0.0, None, 0.5, None, None], 2) == [(0.5, 1), (0.5, 1)]


def test_the_trainer_says_what_judges() -> None:
    assert measure_for(sampled=True) is REWARD
    assert measure_for(sampled=False) is LOSS
    assert in_our_words({"rewards/margins": 1.0, "kl": 2.0}) == {"margin": 1.0, "kl": 2.0}


@pytest.mark.parametrize(
    ("margin", "accuracy", "said"),
    [(0.0, 0.0, 0.5), (-0.1, 0.0, 0.0), (0.0, 0.4, 0.4), (1.0, 1.0, 1.0)],
)
def test_pairs_that_all_tie_are_no_failures(margin: float, accuracy: float, said: float) -> None:
    """As before the first step, when the model is the one that it is compared with."""
    numbers = {"rewards/margins": margin, "rewards/accuracies": accuracy}
    assert in_our_words(numbers)["accuracy"] == said
    reported = {f"eval_{name}": value for name, value in numbers.items()} | {"epoch": "one"}
    assert held_out_words(reported) == {"held_out_accuracy": said, "held_out_margin": margin}
