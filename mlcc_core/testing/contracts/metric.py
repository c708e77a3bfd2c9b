"""The contract of every metric, as tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import ClassVar, get_args

import pytest

from mlcc_core.actions.plugins.metric import example_row
from mlcc_core.contract.metric import Metric, Need, RowPart, Sample
from mlcc_core.loader.manager import build_manager
from mlcc_core.testing.contracts.weight import check_import

PROMPT = ({"role": "user", "content": "What is the capital of France?"},)
SAMPLES = (
    Sample(PROMPT, "Paris.", "Lyon.", "Paris.", 3, True, (-0.1, -0.2), (-3.0, -4.5), 1.0),
    Sample(PROMPT, "Paris.", "Lyon.", "Lyon", 2, True, (-2.5, -3.0, -0.4), (-0.2,), 0.0),
    Sample(PROMPT, "Paris.", None, "", 0, True, (-7.0,), None, 0.5),
    Sample(PROMPT, None, None, "Paris, of course.", 256, False, None, None, 0.75),
)


class MetricContract:
    """Subclass it, give ``metric``; better ``samples`` that mean something to it.

    Attributes:
        bounds: the lowest and the highest value that the metric can have.
    """

    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)

    @pytest.fixture
    def metric(self) -> Metric:
        """Return the metric under test."""
        raise NotImplementedError("a subclass of MetricContract gives the fixture `metric`")

    @pytest.fixture
    def samples(self, metric: Metric) -> Sequence[Sample]:
        """Return samples with every input, and at least one that the metric has a value for.

        Their rows have an example of each column that the metric declares.
        """
        return [replace(sample, row=example_row(metric)) for sample in SAMPLES]

    def test_it_is_found_by_its_name(self, metric: Metric) -> None:
        """The metric is what ``--metric`` with its name means, and passes the first checks."""
        assert build_manager([metric]).metrics[metric.name].name == metric.name

    def test_needs_are_known(self, metric: Metric) -> None:
        """The needs name inputs that are made for a metric."""
        assert set(metric.needs) <= set(get_args(Need))
        assert len(set(metric.needs)) == len(metric.needs)

    def test_each_sample_has_one_value(self, metric: Metric, samples: Sequence[Sample]) -> None:
        """There is a finite number within the bounds, or None, for each sample in their order."""
        values = list(metric.score(samples))
        assert len(values) == len(samples)
        numbers = [value for value in values if value is not None]
        assert numbers, "no sample has a value: give samples that the metric measures"
        lowest, highest = self.bounds
        for value in numbers:
            assert isinstance(value, (int, float))
            assert not isinstance(value, bool)
            assert math.isfinite(value)
            assert lowest <= value <= highest

    def test_no_samples_have_no_values(self, metric: Metric) -> None:
        """An empty batch is not an error."""
        assert list(metric.score([])) == []

    def test_scoring_changes_nothing(self, metric: Metric, samples: Sequence[Sample]) -> None:
        """The same samples have the same values, and are left as they are."""
        before = deepcopy(list(samples))
        first = list(metric.score(samples))
        assert list(samples) == before
        assert list(metric.score(samples)) == first

    def test_samples_are_scored_independently(
        self, metric: Metric, samples: Sequence[Sample]
    ) -> None:
        """The value of a sample does not depend on the others or their order."""
        values = list(metric.score(samples))
        assert [next(iter(metric.score([sample]))) for sample in samples] == values
        assert list(metric.score(list(reversed(samples)))) == values[::-1]

    def test_it_needs_what_it_declares_and_nothing_else(
        self, metric: Metric, samples: Sequence[Sample]
    ) -> None:
        """Inputs that ``needs`` does not name are never made, and must not be missed.

        Log-probabilities are made of the replies that ``suits`` names; of both where it is empty.
        """
        logs, parts = "log_probabilities" in metric.needs, metric.suits or get_args(RowPart)
        bare = [
            replace(
                sample,
                reply=sample.reply if "reply" in metric.needs else None,
                reply_tokens=sample.reply_tokens if "reply" in metric.needs else None,
                ended=sample.ended if "reply" in metric.needs else None,
                log_probabilities=(
                    sample.log_probabilities if logs and "expected" in parts else None
                ),
                rejected_log_probabilities=(
                    sample.rejected_log_probabilities if logs and "rejected" in parts else None
                ),
                reward=sample.reward if "reward" in metric.needs else None,
            )
            for sample in samples
        ]
        assert list(metric.score(bare)) == list(metric.score(samples))

    def test_a_row_without_an_expected_reply_is_no_accident(
        self, metric: Metric, samples: Sequence[Sample]
    ) -> None:
        """A dataset may hold prompts alone: the value is a number or None, never an exception."""
        bare = [replace(sample, expected=None, log_probabilities=None) for sample in samples]
        assert len(list(metric.score(bare))) == len(bare)

    def test_a_row_may_lack_a_column(self, metric: Metric, samples: Sequence[Sample]) -> None:
        """A row may lack columns that are not required: its value is a number or None."""
        may_lack = {column.name for column in metric.columns if not column.required}
        for name in may_lack:
            bare = [replace(s, row={k: v for k, v in s.row.items() if k != name}) for s in samples]
            assert len(list(metric.score(bare))) == len(bare)

    def test_importing_it_is_quick(self, metric: Metric) -> None:
        """Importing it loads nothing heavy, takes no second and prints nothing."""
        check_import(metric)
