"""Metrics of log-probabilities, rewards and lengths."""

import math

import pytest

from mlcc_core import Sample
from mlcc_metrics.ended import Ended
from mlcc_metrics.length import Length
from mlcc_metrics.loss import Loss
from mlcc_metrics.preference import PreferenceAccuracy, PreferenceMargin
from mlcc_metrics.reward import Reward


def test_loss_is_the_mean_over_the_tokens_of_a_row():
    samples = [Sample((), log_probabilities=logs) for logs in ((-1.0, -3.0), (-0.5,), (), None)]
    assert Loss().score(samples) == [2.0, 0.5, None, None]


def test_loss_is_told_as_perplexity():
    assert Loss().note(math.log(2.3), math.log(24.8)) == "perplexity 24.8 → 2.3"
    assert Loss().note(1.0, 5000.0) == "perplexity e^5000 → 2.72"


def pair(chosen, rejected):
    return Sample((), log_probabilities=chosen, rejected_log_probabilities=rejected)


def test_preference_compares_whole_replies():
    samples = [
        pair((-1.0, -1.0), (-3.0,)),
        pair((-1.0, -1.0, -2.0), (-3.0,)),  # a mean over tokens would prefer it
        pair((-1.0, -2.0), (-3.0,)),
        pair((-1.0,), None),
        pair(None, (-1.0,)),
    ]
    assert PreferenceAccuracy().score(samples) == [1.0, 0.0, 0.5, None, None]
    assert PreferenceMargin().score(samples) == [1.0, -1.0, 0.0, None, None]


def test_the_difference_of_margins_is_dpos_implicit_margin():
    tuned, reference = pair((-1.0, -0.5), (-6.0,)), pair((-2.0, -1.5), (-3.0,))
    ours, theirs = PreferenceMargin().score([tuned, reference])
    chosen = (-1.0 - 0.5) - (-2.0 - 1.5)
    rejected = -6.0 - -3.0
    assert ours - theirs == pytest.approx(chosen - rejected)


def test_rewards_lengths_and_ends_are_taken_as_they_are():
    samples = [Sample((), reply_tokens=7, ended=True, reward=0.25), Sample((), ended=False)]
    assert Reward().score(samples) == [0.25, None]
    assert Length().score(samples) == [7.0, None]
    assert Ended().score(samples) == [1.0, 0.0]
    assert Ended().score([Sample(())]) == [None]
