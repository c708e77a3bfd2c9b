"""The inputs that a metric is given: those that it declares, whatever others were measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from mlcc_core.contract.metric import Metric, Need, Sample
from tests.mlcc_core.actions.evaluate.conftest import Lab

MADE = (
    "reply",
    "reply_tokens",
    "ended",
    "log_probabilities",
    "rejected_log_probabilities",
    "reward",
)
"""The fields of a sample that are made for metrics."""


class Given(Metric):
    """The number of inputs that it is given."""

    name: ClassVar[str] = "given"
    title: ClassVar[str] = "Inputs given"

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        """Count the fields that are not None."""
        return [
            float(sum(getattr(sample, field) is not None for field in MADE)) for sample in samples
        ]


class GivenLogs(Given):
    """The same of a metric that needs log-probabilities alone."""

    name: ClassVar[str] = "given_logs"
    needs: ClassVar[tuple[Need, ...]] = ("log_probabilities",)


def test_a_value_does_not_depend_on_the_other_metrics_of_an_evaluation(lab: Lab) -> None:
    lab.metrics += [Given(), GivenLogs()]
    (alone,) = lab.evaluate(metrics=("given",)).metrics
    (logs_alone,) = lab.evaluate(metrics=("given_logs",)).metrics
    together = lab.evaluate(metrics=("given", "given_logs", "likelihood")).metrics
    assert [result.mean for result in together[:2]] == [alone.mean, logs_alone.mean]
    assert alone.mean > 0
    assert logs_alone.mean > 0
