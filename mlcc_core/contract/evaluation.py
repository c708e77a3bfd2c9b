"""Evaluations: two models compared on the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mlcc_core.contract.money.charge import Charge

Verdict = Literal["better", "worse", "no difference shown", "too few rows"]
"""The words for a paired difference whose 95 % interval lies on one side of zero, or does not; and
for fewer rows than a verdict takes."""


@dataclass(frozen=True, slots=True)
class MetricResult:
    """The means of one metric on both sides, and their difference.

    Attributes:
        metric: its name, as ``--metric`` takes it.
        title: the metric's words in tables.
        unit: of its values; empty for a plain number.
        higher_is_better: the direction of an improvement; ``None`` for a metric without one.
        decides: it is the one by which the evaluation is judged, named before anything was asked.
        rows: that have a value on both sides; the means are theirs. ``None`` where the platform
            that measured does not tell how many there were.
        missing: rows that have none.
        mean: of the model that is measured.
        against: of the model that it is compared with.
        difference: ``mean - against``.
        low, high: the 95 % interval of the difference, by a paired bootstrap; ``None`` where
            nothing tells how sure it is.
        verdict: of the difference; ``None`` for a metric without a direction, and without interval.
        note: what else people should know.
    """

    metric: str
    title: str
    unit: str
    higher_is_better: bool | None
    decides: bool
    rows: int | None
    missing: int
    mean: float
    against: float
    difference: float
    low: float | None
    high: float | None
    verdict: Verdict | None
    note: str = ""

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return both ends of the interval; ``None`` where there is none."""
        return None if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True, slots=True)
class RowResult:
    """One row with the answers of both models.

    Attributes:
        row: hash of its content.
        prompt: messages, each with ``role`` and ``content``.
        expected: the reply that the dataset holds; ``None`` where it has none.
        rejected: the worse reply that the dataset holds; ``None`` where it has none.
        reply: the answer of the model that is measured; ``None`` where none was asked for.
        against_reply: the answer of the other model; ``None`` where none was asked for.
        values: of the model that is measured, by metric; ``None`` where the row has no value.
        against_values: of the other model, by metric; ``None`` where the row has no value.
    """

    row: str
    prompt: tuple[Mapping[str, object], ...]
    expected: str | None = None
    rejected: str | None = None
    reply: str | None = None
    against_reply: str | None = None
    values: Mapping[str, float | None] = field(default_factory=dict)
    against_values: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Two models compared on the same rows by the same metrics.

    Attributes:
        target: the model that is measured, as tables name it: a run's name, for instance.
        against: the model that it is compared with, as tables name it.
        job: the run that made the target; ``None`` for another model.
        platform: the name of the platform that answered.
        technique: of the run; ``None`` for another model.
        model: the base model.
        dataset: of the rows, as it is shown.
        created: seconds since 1970, UTC.
        settings: everything else that decides the numbers: ``max_new_tokens``, ``system``,
            ``samples``, ``seed``, ``judge``; ``trained_rows`` where those were allowed; of one that
            the platform ran as jobs, ``managed``, its kind, and the jobs of both models.
        metrics: results, the one that decides first.
        rows: every row, with what each model made of it.
        problems: of metrics that gave no result, a line each.
        seconds: how long the evaluation took.
        cost: of the jobs that measured, as it was told before each was created, by this evaluation
            or another one; empty where no job did, and where nothing was priced.
        spent: what these jobs have used up, by the platform's own count; empty where it does not
            tell.
    """

    target: str
    against: str
    job: str | None
    platform: str
    technique: str
    model: str
    dataset: str
    created: float
    settings: Mapping[str, object]
    metrics: tuple[MetricResult, ...]
    rows: tuple[RowResult, ...]
    problems: tuple[str, ...] = ()
    seconds: float = 0.0
    cost: tuple[Charge, ...] = ()
    spent: tuple[Charge, ...] = ()

    @property
    def deciding(self) -> MetricResult | None:
        """The result by which the evaluation is judged; ``None`` where that metric failed."""
        return next((result for result in self.metrics if result.decides), None)
