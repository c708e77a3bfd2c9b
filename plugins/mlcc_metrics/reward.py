"""Reward: the score by the evaluator that trained a run."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Metric, Sample


class Reward(Metric):
    """The reward of the reply, by the run's own reward function or reward prompt."""

    name = "reward"
    api_version = "2.0"
    title = "Reward"
    needs = ("reward",)
    suits = ("evaluator",)
    rank = 30

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [sample.reward for sample in samples]
