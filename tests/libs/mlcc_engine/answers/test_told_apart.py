"""The loss of replies that no training saw tells models apart that should be told apart."""

import statistics
from pathlib import Path

import pytest

from mlcc_engine.answers.log_probabilities import log_probabilities
from mlcc_engine.answers.models import Models, Weights
from mlcc_engine.answers.prompts import Asked, Encoder
from tests.libs.mlcc_engine.answers.models import Made

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def losses(made: Made, cache: Path) -> dict[str, list[float]]:
    """Nats a token of each row's answer, by model."""
    models = Models(cache)
    adapters = {
        "base": None,
        "learned": made.learned,
        "unchanged": made.unchanged,
        "reversed": made.reversed,
        "shuffled": made.shuffled,
    }
    found = {}
    asked = [
        (Asked([{"role": "user", "content": row["prompt"]}]), row["completion"])
        for row in made.rows
    ]
    for name, adapter in adapters.items():
        with models.ready(Weights("mlcc-tiny", adapter and str(adapter))) as model:
            passages = Encoder(model).passages(asked)
            by_place = {
                place: -statistics.fmean(values)
                for places, all_values in log_probabilities(model, passages)
                for place, values in zip(places, all_values, strict=True)
            }
        found[name] = [by_place[place] for place in range(len(asked))]
    return found


def difference(one: list[float], other: list[float]) -> tuple[float, float]:
    """The 95 % interval of the paired difference."""
    pairs = [a - b for a, b in zip(one, other, strict=True)]
    mean, spread = statistics.fmean(pairs), statistics.stdev(pairs)
    half = 2.04 * spread / len(pairs) ** 0.5
    return mean - half, mean + half


def test_learned_is_better_than_its_base(losses: dict[str, list[float]]) -> None:
    low, high = difference(losses["learned"], losses["base"])
    assert low <= high < 0


def test_an_adapter_of_zeros_makes_no_difference(losses: dict[str, list[float]]) -> None:
    low, high = difference(losses["unchanged"], losses["base"])
    assert low <= 0 <= high
    assert max(abs(low), abs(high)) < 1e-5


def test_a_reversed_gradient_is_worse_than_its_base(losses: dict[str, list[float]]) -> None:
    low, high = difference(losses["reversed"], losses["base"])
    assert 0 < low <= high


def test_shuffled_answers_are_worse_than_right_ones(losses: dict[str, list[float]]) -> None:
    low, high = difference(losses["shuffled"], losses["learned"])
    assert 0 < low <= high
