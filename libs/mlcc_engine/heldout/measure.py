"""The number by which held-out rows judge a training, and the words for a trainer's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlcc_core import metric_title

WORD_BY_NAME: Mapping[str, str] = {
    "rewards/margins": "margin",
    "rewards/accuracies": "accuracy",
}
"""Our words for the numbers of trainers; other numbers keep their names."""

HELD_OUT_BY_NAME: Mapping[str, str] = {
    "eval_loss": "held_out_loss",
    "eval_reward": "held_out_reward",
    "eval_rewards/accuracies": "held_out_accuracy",
    "eval_rewards/margins": "held_out_margin",
}
"""Our words for the numbers of an evaluation; others are left out."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that says how good a model is on held-out rows.

    Attributes:
        name: our word for it.
        higher: the higher, the better.
    """

    name: str
    higher: bool

    def is_better(self, value: float, than: float) -> bool:
        """Return whether a value is better than another one, and not just as good."""
        return value > than if self.higher else value < than

    @property
    def title(self) -> str:
        """Return its name for people: ``held-out loss``."""
        return metric_title(self.name)


LOSS = Measure("held_out_loss", higher=False)
REWARD = Measure("held_out_reward", higher=True)


def measure_for(*, sampled: bool) -> Measure:
    """Return the measure for a trainer: the reward where it samples replies, else the loss."""
    return REWARD if sampled else LOSS


def in_our_words(numbers: Mapping[str, float]) -> dict[str, float]:
    """Return a trainer's numbers under our words."""
    return ties_halved({WORD_BY_NAME.get(name, name): value for name, value in numbers.items()})


def held_out_words(reported: Mapping[str, object]) -> dict[str, float]:
    """Return the numbers of an evaluation under our words; only numbers are kept."""
    numbers = {
        word: float(value)
        for name, word in HELD_OUT_BY_NAME.items()
        if isinstance(value := reported.get(name), (int, float))
    }
    return ties_halved(numbers)


def ties_halved(numbers: dict[str, float]) -> dict[str, float]:
    """Return numbers in which an accuracy of pairs that all tie is a half.

    A trainer counts a tie as wrong. A model that is not trained yet ties with itself in each pair,
    and would seem to rank all of them wrongly.
    """
    for prefix in ("", "held_out_"):
        margin, accuracy = numbers.get(f"{prefix}margin"), numbers.get(f"{prefix}accuracy")
        # Where no margin is above 0, their mean is 0 only if each is.
        if margin == 0 and accuracy == 0:
            numbers[f"{prefix}accuracy"] = 0.5
    return numbers
