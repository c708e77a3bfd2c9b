"""Metrics: how far replies, their probabilities, rewards and a judge tell two models apart."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Metric
from mlcc_metrics.contains import Contains
from mlcc_metrics.ended import Ended
from mlcc_metrics.exact_match import ExactMatch, ExactMatchStrict
from mlcc_metrics.judge import Judge
from mlcc_metrics.length import Length
from mlcc_metrics.loss import Loss
from mlcc_metrics.preference import PreferenceAccuracy, PreferenceMargin
from mlcc_metrics.reward import Reward


def mlcc_metrics() -> Sequence[Metric]:
    """Return every metric of this package."""
    return (
        Contains(),
        Ended(),
        ExactMatch(),
        ExactMatchStrict(),
        Judge(),
        Length(),
        Loss(),
        PreferenceAccuracy(),
        PreferenceMargin(),
        Reward(),
    )
