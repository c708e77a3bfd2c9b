"""When a checkpoint is due."""

from __future__ import annotations

import pytest

from mlcc_core import MlccError
from mlcc_engine.checkpoint.due import Due, Every, parse


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("15m", Every(seconds=900)),
        ("90s", Every(seconds=90)),
        ("2h", Every(seconds=7200)),
        ("200", Every(steps=200)),
        ("never", Every()),
        (None, Every(seconds=900, asked=False)),
    ],
)
def test_distances(text: str | None, every: Every) -> None:
    assert parse(text) == every


@pytest.mark.parametrize("text", ["", "0", "0s", "-3", "1.5m", "5 m", "soon", "10d"])
def test_other_words_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(MlccError, match="15m, 90s, 2h, a number of steps, or never") as error:
        parse(text)
    assert error.value.where == "--checkpoint-every"


def test_steps_are_counted() -> None:
    due = Due(parse("5"))
    assert [step for step in range(1, 12) if due.at(step)] == [5, 10]


def test_time_is_that_since_the_last_one() -> None:
    now = 0.0
    due = Due(parse("90s"), lambda: now)
    due.begin()
    now = 89.0
    assert not due.at(1)
    now = 90.0
    assert due.at(2)
    due.saved(seconds=30.0)
    now = 179.0
    assert not due.at(3)
    now = 180.0
    assert due.at(4)


def test_by_default_checkpoints_take_two_percent_of_the_time_at_most() -> None:
    now = 0.0
    due = Due(parse(None), lambda: now)
    due.begin()
    now = 900.0
    assert due.at(1)
    due.saved(seconds=60.0)
    now += 2999.0
    assert not due.at(2)
    now += 1.0
    assert due.at(3)


def test_the_end_is_saved_where_it_costs_little() -> None:
    now = 0.0
    due = Due(parse(None), lambda: now)
    due.begin()
    now = 40.0
    assert not due.at_end(guess=1.0)
    now = 50.0
    assert due.at_end(guess=1.0)
    assert not Due(parse("never"), lambda: 1e9).at_end(guess=0.0)
