"""The outcome of a managed evaluation: its plan, its jobs, its price, its scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlcc_core.actions.evaluate.managed.plan.plan import ManagedPlan
from mlcc_core.actions.money.bill import Bill
from mlcc_core.contract.evaluation import Evaluation
from mlcc_core.contract.job import JobState
from mlcc_core.errors import MlccError


@dataclass(frozen=True)
class ManagedJob:
    """One job of an evaluation.

    Attributes:
        title: of the model that it measures, or only asks.
        kind: of the evaluation, ``replies`` for a job that only asks.
        job: its name.
        state: as last seen; ``None`` where it has yet to be created.
        created: by this call.
        request: that was sent, or would be.
    """

    title: str
    kind: str
    job: str
    state: JobState | None
    created: bool
    request: Mapping[str, object]


@dataclass(frozen=True)
class ManagedResult:
    """One evaluation that the platform runs as jobs.

    Attributes:
        plan: the plan.
        jobs: of the model that is measured, and of the other one.
        bill: for the jobs that had to be created.
        evaluation: as it was kept; ``None`` in a dry run, and while jobs run.
        errors: of metrics that gave no result, and were asked for or were to decide.
        unmeasured: of the others that gave none.
    """

    plan: ManagedPlan
    jobs: tuple[ManagedJob, ...]
    bill: Bill
    evaluation: Evaluation | None = None
    errors: tuple[MlccError, ...] = ()
    unmeasured: tuple[MlccError, ...] = ()
