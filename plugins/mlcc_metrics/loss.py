"""Loss: how surprised a model is by the reply that the dataset expects."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mlcc_core import Metric, Sample


class Loss(Metric):
    """Negative log-likelihood of the expected reply, the mean over its tokens.

    A row counts as much as any other, however long its reply is.
    """

    name = "loss"
    api_version = "2.0"
    title = "Loss of the expected reply"
    needs = ("log_probabilities",)
    suits = ("expected",)
    higher_is_better = False
    unit = "nats a token"
    rank = 20

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [
            -math.fsum(sample.log_probabilities) / len(sample.log_probabilities)
            if sample.log_probabilities
            else None
            for sample in samples
        ]

    def note(self, mean: float, against: float) -> str:
        return f"perplexity {_perplexity(against)} → {_perplexity(mean)}"


def _perplexity(loss: float) -> str:
    """Return how many tokens a model hesitates between."""
    return f"{math.exp(loss):.3g}" if loss < 20 else f"e^{loss:.0f}"
