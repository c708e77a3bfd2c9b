"""The plan of a managed evaluation: models, rows, jobs; nothing is staged or created yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlcc_core.actions.evaluate.managed.plan.asked import Asked, asked_evaluations, check_flags
from mlcc_core.actions.evaluate.managed.plan.models import find_pairs
from mlcc_core.actions.evaluate.managed.plan.rows import ManagedRows, convert
from mlcc_core.actions.evaluate.managed.plan.steps import Side, side_of
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.rows.read import Rows, read_rows
from mlcc_core.actions.evaluate.rows.trained import refuse_trained
from mlcc_core.actions.evaluate.rows.trainings import TrainedPrompts
from mlcc_core.actions.evaluate.targets import Pair
from mlcc_core.actions.parts import require_managed
from mlcc_core.actions.session import Session
from mlcc_core.actions.settings import setting_checks
from mlcc_core.actions.tune.plan.choices import check_poll_interval
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.managed.evaluating import ManagedEvaluating
from mlcc_core.contract.managed.spec import ManagedSpec
from mlcc_core.contract.platform.answering import Subject
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import PlatformError, raise_all
from mlcc_core.helpers.text import shown_address


@dataclass(frozen=True)
class ManagedPlan:
    """One evaluation that a platform is to run.

    Attributes:
        pair: the models.
        managed: the part of the platform that runs it.
        rows: that both are asked; ``None`` for a benchmark.
        target, against: the jobs of both models.
    """

    pair: Pair
    managed: ManagedEvaluating
    rows: ManagedRows | None
    target: Side
    against: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        """Return the jobs of both models."""
        return self.target, self.against

    @property
    def spec(self) -> ManagedSpec:
        """Return the spec of the model that is measured."""
        return self.target.measuring.spec

    @property
    def label(self) -> str:
        """Return the rows, as they are shown."""
        return self.rows.rows.label if self.rows else f"benchmark {self.spec.benchmark}"

    @property
    def measured_by(self) -> str:
        """Return what scores, for people."""
        spec = self.spec
        if spec.kind == "benchmark":
            return f"benchmark {spec.benchmark}"
        if spec.judge is not None:
            named = f" ({', '.join(spec.metrics)})" if spec.metrics else ""
            return f"judge {shown_address(spec.judge)}{named}"
        return f"scorer {spec.evaluator.value if spec.evaluator else ''}"


def build_plans(
    session: Session, request: EvaluateRequest, reporter: Reporter
) -> list[ManagedPlan]:
    """Plan every evaluation that is asked for.

    Raises:
        MlccError, Problems: everything that is wrong; nothing was staged or created.
        PlatformError: a prerequisite is missing, or something cannot be read.
    """
    check_flags(request)
    check_poll_interval(request.poll_interval, request.command_line(poll_interval=None))
    plans: list[ManagedPlan] = []
    for pair in find_pairs(session, request):
        plans += Planner(session, request, pair, reporter).plans()
    return plans


class Planner:
    """Plans the evaluations of two models."""

    def __init__(
        self, session: Session, request: EvaluateRequest, pair: Pair, reporter: Reporter
    ) -> None:
        without = request.command_line(managed=False, dry_run=False, wait=True, force=False)
        self._managed = require_managed(pair.platform, without)
        self._session = session
        self._request = request
        self._pair = pair
        self._reporter = reporter

    def plans(self) -> Iterator[ManagedPlan]:
        """Yield a plan for each benchmark, scorer or judge."""
        require_prerequisites(self._pair.platform, self._pair.context)
        asked = list(asked_evaluations(self._session, self._pair, self._request))
        specs = [
            [
                self._managed.check(self._pair.context, self._spec(each, subject))
                for subject in self._pair.subjects
            ]
            for each in asked
        ]
        read = None if self._request.benchmarks else self._read()
        for target, against in specs:
            rows = None if read is None else convert(self._managed, target, *read)
            yield ManagedPlan(
                self._pair,
                self._managed,
                rows,
                self._side(self._pair.target, target, rows),
                self._side(self._pair.against, against, rows),
            )

    def _spec(self, asked: Asked, subject: Subject) -> ManagedSpec:
        own = {option.key for option in self._pair.platform.options}
        return ManagedSpec(
            project=self._pair.context.project,
            kind=asked.kind,
            model=subject.model,
            job=subject.title if subject.output is not None else None,
            output=subject.output,
            benchmark=asked.benchmark,
            evaluator=asked.evaluator,
            judge=asked.judge,
            metrics=asked.metrics,
            options={k: v for k, v in self._pair.context.options.items() if k in own},
        )

    def _read(self) -> tuple[Rows, tuple[str, ...]]:
        """Return the rows, none of which was trained on, and lines about that."""
        rows = read_rows(self._session, self._pair, self._request, self._reporter)
        trained = TrainedPrompts(self._session, rows.rows, self._reporter)
        return rows, refuse_trained(trained, self._pair, self._request, rows.rows)

    def _side(self, subject: Subject, spec: ManagedSpec, rows: ManagedRows | None) -> Side:
        platform, context = self._pair.platform, self._pair.context
        content = None if rows is None else rows.key
        return side_of(platform, self._managed, context, subject.title, spec, content)


def require_prerequisites(platform: Platform, context: Context) -> None:
    """Refuse to go on where the platform lacks what its jobs need.

    Raises:
        Problems, PlatformError: something is missing, with the command that mends it.
    """
    checks = [*setting_checks(platform.settings, context.settings), *platform.checks(context)]
    missing = [check for check in checks if check.state == "missing"]
    raise_all([PlatformError(f"{c.name}: {c.found}", hint=c.hint) for c in missing])
