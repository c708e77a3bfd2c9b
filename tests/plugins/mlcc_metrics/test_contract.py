"""Every built-in metric keeps the contract of metrics."""

import pytest

import mlcc_metrics
from mlcc_core import build_manager
from mlcc_core.testing.contracts import MetricContract, PairMetricContract
from mlcc_metrics.contains import Contains
from mlcc_metrics.ended import Ended
from mlcc_metrics.exact_match import ExactMatch, ExactMatchStrict
from mlcc_metrics.judge import Judge
from mlcc_metrics.length import Length
from mlcc_metrics.loss import Loss
from mlcc_metrics.preference import PreferenceAccuracy, PreferenceMargin
from mlcc_metrics.reward import Reward


class Shares(MetricContract):
    bounds = (0.0, 1.0)


class TestContains(Shares):
    @pytest.fixture
    def metric(self):
        return Contains()


class TestEnded(Shares):
    @pytest.fixture
    def metric(self):
        return Ended()


class TestExactMatch(Shares):
    @pytest.fixture
    def metric(self):
        return ExactMatch()


class TestExactMatchStrict(Shares):
    @pytest.fixture
    def metric(self):
        return ExactMatchStrict()


class TestLength(MetricContract):
    @pytest.fixture
    def metric(self):
        return Length()


class TestLoss(MetricContract):
    bounds = (0.0, float("inf"))

    @pytest.fixture
    def metric(self):
        return Loss()


class TestPreferenceAccuracy(Shares):
    @pytest.fixture
    def metric(self):
        return PreferenceAccuracy()


class TestPreferenceMargin(MetricContract):
    @pytest.fixture
    def metric(self):
        return PreferenceMargin()


class TestReward(MetricContract):
    @pytest.fixture
    def metric(self):
        return Reward()


class TestJudge(PairMetricContract):
    @pytest.fixture
    def metric(self):
        return Judge()

    @pytest.fixture
    def first_wins(self):
        return ["A", "B"]

    @pytest.fixture
    def second_wins(self):
        return ["B", "A"]


def test_all_are_installed_with_mlcc_under_their_names():
    metrics = build_manager().metrics
    for metric in mlcc_metrics.mlcc_metrics():
        assert metrics[metric.name].title == metric.title


@pytest.mark.parametrize(
    ("parts", "decides"),
    [
        ({"expected", "rejected", "evaluator"}, "preference_accuracy"),
        ({"expected", "evaluator"}, "reward"),
        ({"expected"}, "loss"),
    ],
)
def test_the_metric_that_decides_follows_from_the_rows(parts, decides):
    suited = [metric for metric in mlcc_metrics.mlcc_metrics() if set(metric.suits) <= parts]
    assert max(suited, key=lambda metric: metric.rank).name == decides


def test_without_log_probabilities_replies_are_compared_with_the_expected_ones():
    had = [
        metric
        for metric in mlcc_metrics.mlcc_metrics()
        if metric.needs == ("reply",) and metric.higher_is_better is not None
    ]
    assert max(had, key=lambda metric: metric.rank).name == "exact_match"


def test_ranks_are_unique():
    ranks = [metric.rank for metric in mlcc_metrics.mlcc_metrics() if metric.rank]
    assert len(set(ranks)) == len(ranks)
