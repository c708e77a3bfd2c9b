"""Preference: how a model ranks the two replies that a row holds."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mlcc_core import Metric, Sample


class PreferenceAccuracy(Metric):
    """1 where the chosen reply is more likely than the rejected one, 0.5 where both are equal."""

    name = "preference_accuracy"
    api_version = "2.0"
    title = "Preference accuracy"
    needs = ("log_probabilities",)
    suits = ("expected", "rejected")
    rank = 40

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        margins = [_margin(sample) for sample in samples]
        return [
            None if margin is None else 0.5 + 0.5 * ((margin > 0) - (margin < 0))
            for margin in margins
        ]


class PreferenceMargin(Metric):
    """By how much the chosen reply is more likely: the difference of both log-likelihoods.

    For a model and the one that its training with DPO began from, the difference between their
    margins is DPO's implicit reward margin before it is multiplied by beta:
    ``(log p(chosen) - log p_ref(chosen)) - (log p(rejected) - log p_ref(rejected))``.
    """

    name = "preference_margin"
    api_version = "2.0"
    title = "Preference margin"
    needs = ("log_probabilities",)
    suits = ("expected", "rejected")
    unit = "nats"
    rank = 5

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [_margin(sample) for sample in samples]


def _margin(sample: Sample) -> float | None:
    """The log-likelihood of the chosen reply, less that of the rejected one."""
    chosen, rejected = sample.log_probabilities, sample.rejected_log_probabilities
    if chosen is None or rejected is None:
        return None
    return math.fsum(chosen) - math.fsum(rejected)
