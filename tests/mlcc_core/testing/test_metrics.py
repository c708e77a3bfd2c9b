import pytest

from mlcc_core.contract.metric import Comparison, Metric, PairMetric, Sample
from mlcc_core.contract.technique.schema import Column
from mlcc_core.testing.contracts import MetricContract, PairMetricContract
from mlcc_core.testing.metric import FakeMetric

PHRASES = (Column("phrases", ("array",)), Column("weight", ("number",), required=False))


class Phrases(Metric):
    """The phrases that a reply has, each of a weight."""

    name = "phrases"
    title = "Phrases"
    columns = PHRASES

    def score(self, samples):
        return [self.value(sample.reply or "", **sample.row) for sample in samples]

    def value(self, reply, phrases, weight=1):
        return float(weight * sum(phrase in reply for phrase in phrases))


class Careless(Phrases):
    """The same, of rows that all have a weight."""

    name = "careless"

    def score(self, samples):
        return [self.value(s.reply or "", s.row["phrases"], s.row["weight"]) for s in samples]


class Asked(PairMetric):
    """A judge is told the phrases."""

    name = "asked"
    title = "Asked"
    columns = PHRASES

    def questions(self, first, second):
        asked, ours, theirs = first.row["phrases"], first.reply, second.reply
        return [f"{asked}? A: {ours} B: {theirs}", f"{asked}? A: {theirs} B: {ours}"]

    def compare(self, answers):
        if {*answers} - {"A", "B"}:
            return None
        value = {"AB": 1.0, "BA": 0.0}.get("".join(answers), 0.5)
        return Comparison(value, consistent=value != 0.5)


class TestFake(MetricContract):
    bounds = (0.0, 1.0)

    @pytest.fixture
    def metric(self):
        return FakeMetric()


class TestPhrases(MetricContract):
    bounds = (0.0, 1.0)

    @pytest.fixture
    def metric(self):
        return Phrases()

    def test_samples_have_the_columns(self, metric, samples):
        assert metric.score(samples) == [1.0, 0.0, 0.0, 1.0]


def test_a_metric_that_trips_over_rows_without_a_column_is_found():
    rows = [Sample((), reply="Paris", row={"phrases": ["Paris"], "weight": 1})]
    with pytest.raises(KeyError, match="weight"):
        MetricContract().test_a_row_may_lack_a_column(Careless(), rows)
    MetricContract().test_a_row_may_lack_a_column(Phrases(), rows)


class TestAsked(PairMetricContract):
    @pytest.fixture
    def metric(self):
        return Asked()

    @pytest.fixture
    def first_wins(self):
        return ["A", "B"]

    @pytest.fixture
    def second_wins(self):
        return ["B", "A"]
