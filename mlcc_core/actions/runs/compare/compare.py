"""``runs compare``: runs beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mlcc_core.actions.money.bill import saved_bill
from mlcc_core.actions.runs.compare.curves import Curve, curves_of
from mlcc_core.actions.runs.compare.evaluated import latest_evaluation
from mlcc_core.actions.runs.compare.held_out import HeldOut, held_out_of
from mlcc_core.actions.runs.compare.settings import Difference, differences
from mlcc_core.actions.runs.show import RunRequest, show_run
from mlcc_core.actions.session import Session
from mlcc_core.contract.evaluation import Evaluation, MetricResult
from mlcc_core.errors import MlccError
from mlcc_core.project.records import RunRecord


@dataclass(frozen=True)
class CompareRequest:
    """One call of ``runs compare``.

    Attributes:
        runs: two or more: jobs' names, unique starts of them, or techniques for their tracked jobs.
    """

    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """A run that is compared with others.

    Attributes:
        job, technique, platform, status: as ``runs list`` has them.
        held_out: the number of held-out rows that judges it.
        metrics: its last numbers, by their names.
        evaluated: results of its latest evaluation, the one that decides first.
        curves: its numbers over its steps.
        cost, spent: US dollars, as ``runs list`` has them.
    """

    job: str
    technique: str
    platform: str
    status: str
    held_out: HeldOut | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    evaluated: tuple[MetricResult, ...] = ()
    curves: tuple[Curve, ...] = ()
    cost: float | None = None
    spent: float | None = None


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Runs beside each other.

    Attributes:
        runs: in the order in which they were named.
        differences: settings that are not the same in all of them.
        same_rows: their evaluations asked the same rows; ``None`` where fewer than two have one.
    """

    runs: tuple[ComparedRun, ...]
    differences: tuple[Difference, ...]
    same_rows: bool | None


def compare_runs(session: Session, request: CompareRequest) -> RunComparison:
    """Compare runs: settings, numbers over their steps, held-out rows, latest evaluations.

    Raises:
        MlccError: fewer than two runs are named, or one that is not there, or one twice.
    """
    if len(request.runs) < 2:
        raise MlccError(
            "One run alone cannot be compared; expected two or more.", hint="mlcc runs list"
        )
    records = [show_run(session, RunRequest(run)) for run in request.runs]
    names = [record.job for record in records]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise MlccError(
            f"The run {twice} is named twice; expected different runs.", hint="mlcc runs list"
        )
    evaluations = [latest_evaluation(session, name) for name in names]
    runs = [
        _compared(session, record, evaluation)
        for record, evaluation in zip(records, evaluations, strict=True)
    ]
    return RunComparison(tuple(runs), differences(records), _same_rows(evaluations))


def _compared(session: Session, record: RunRecord, evaluation: Evaluation | None) -> ComparedRun:
    return ComparedRun(
        record.job,
        record.technique,
        record.platform,
        "interrupted" if record.interrupted else record.status,
        held_out_of(record.metrics),
        record.metrics,
        () if evaluation is None else evaluation.metrics,
        curves_of(session, record),
        saved_bill(record.cost).amount,
        saved_bill(record.spent).amount,
    )


def _same_rows(evaluations: Sequence[Evaluation | None]) -> bool | None:
    asked = [{row.row for row in found.rows} for found in evaluations if found is not None]
    return None if len(asked) < 2 else all(rows == asked[0] for rows in asked)
