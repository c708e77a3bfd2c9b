"""The contract of every metric that compares two replies with a judge, as tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mlcc_core.actions.plugins.metric import example_row
from mlcc_core.contract.metric import Comparison, PairMetric, Sample
from mlcc_core.loader.manager import build_manager
from mlcc_core.testing.contracts.metric import SAMPLES
from mlcc_core.testing.contracts.weight import check_import


class PairMetricContract:
    """Subclass it, give ``metric``, and answers of a judge: ``first_wins`` and ``second_wins``.

    Answers are those to the questions about two samples, in their order.
    """

    @pytest.fixture
    def metric(self) -> PairMetric:
        """Return the metric under test."""
        raise NotImplementedError("a subclass of PairMetricContract gives the fixture `metric`")

    @pytest.fixture
    def samples(self, metric: PairMetric) -> tuple[Sample, Sample]:
        """Return the same row with different replies of two models.

        It has an example of each column that the metric declares.
        """
        row = example_row(metric)
        return replace(SAMPLES[0], row=row), replace(SAMPLES[1], row=row)

    @pytest.fixture
    def first_wins(self) -> Sequence[str]:
        """Return a judge's answers that prefer the first reply."""
        raise NotImplementedError("a subclass of PairMetricContract gives `first_wins`")

    @pytest.fixture
    def second_wins(self) -> Sequence[str]:
        """Return a judge's answers that prefer the second reply."""
        raise NotImplementedError("a subclass of PairMetricContract gives `second_wins`")

    def test_it_is_found_by_its_name(self, metric: PairMetric) -> None:
        """The metric is what ``--metric`` with its name means, and passes the first checks."""
        assert build_manager([metric]).metrics[metric.name].name == metric.name

    def test_it_needs_replies_and_a_judge(self, metric: PairMetric) -> None:
        """Both are made for it alone where it names them."""
        assert {"reply", "judge"} <= set(metric.needs)

    def test_it_has_no_value_for_one_reply_alone(self, metric: PairMetric) -> None:
        """Replies are compared with others: without one there is no value."""
        assert list(metric.score(SAMPLES)) == [None] * len(SAMPLES)

    def test_questions_show_both_replies(
        self, metric: PairMetric, samples: tuple[Sample, Sample]
    ) -> None:
        """Each question holds both replies, and is the same when it is asked for again."""
        first, second = samples
        questions = list(metric.questions(first, second))
        assert questions
        for question in questions:
            assert isinstance(question, str)
            assert str(first.reply) in question
            assert str(second.reply) in question
        assert list(metric.questions(first, second)) == questions

    def test_questions_do_not_tell_which_model_is_measured(
        self, metric: PairMetric, samples: tuple[Sample, Sample]
    ) -> None:
        """With the models swapped, the same questions are asked in another order."""
        first, second = samples
        swapped = metric.questions(second, first)
        assert sorted(swapped) == sorted(metric.questions(first, second))

    def test_the_judge_decides(
        self, metric: PairMetric, first_wins: Sequence[str], second_wins: Sequence[str]
    ) -> None:
        """The value is 1 for the first reply, and 0 for the second."""
        assert metric.compare(first_wins) == Comparison(1.0)
        assert metric.compare(second_wins) == Comparison(0.0)

    def test_answers_that_contradict_each_other_are_a_tie(
        self, metric: PairMetric, first_wins: Sequence[str], second_wins: Sequence[str]
    ) -> None:
        """A judge that prefers the first reply in one order alone has preferred a place."""
        if len(first_wins) < 2:
            pytest.skip("this metric asks one question")
        torn = [first_wins[0], *second_wins[1:]]
        assert metric.compare(torn) == Comparison(0.5, consistent=False)

    def test_nonsense_decides_nothing(
        self, metric: PairMetric, samples: tuple[Sample, Sample], first_wins: Sequence[str]
    ) -> None:
        """An answer without a verdict leaves the row without a value; it is never an exception."""
        asked = len(list(metric.questions(*samples)))
        for nonsense in ("", "I am a language model.", "{", "\x00�"):
            assert metric.compare([nonsense] * asked) is None
            assert metric.compare([*first_wins[:-1], nonsense]) is None

    def test_rows_without_an_expected_reply_are_compared_too(
        self, metric: PairMetric, samples: tuple[Sample, Sample]
    ) -> None:
        """A dataset may hold prompts alone."""
        first, second = (replace(sample, expected=None, rejected=None) for sample in samples)
        assert all(isinstance(question, str) for question in metric.questions(first, second))

    def test_importing_it_is_quick(self, metric: PairMetric) -> None:
        """Importing it loads nothing heavy, takes no second and prints nothing."""
        check_import(metric)
