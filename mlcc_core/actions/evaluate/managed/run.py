"""``evaluate --managed``: plan → price → stage → prove → submit → watch → scores, once each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from mlcc_core.actions.evaluate.evaluate import check_numbers, with_events
from mlcc_core.actions.evaluate.keeping import evaluation_of, keep
from mlcc_core.actions.evaluate.managed.announce import announced
from mlcc_core.actions.evaluate.managed.job.follow import follow
from mlcc_core.actions.evaluate.managed.job.jobs import Jobs
from mlcc_core.actions.evaluate.managed.job.side_run import SideRun
from mlcc_core.actions.evaluate.managed.outcome import ManagedJob, ManagedResult
from mlcc_core.actions.evaluate.managed.plan.plan import ManagedPlan, build_plans
from mlcc_core.actions.evaluate.managed.plan.rows import find, stage
from mlcc_core.actions.evaluate.managed.plan.steps import Side, Step
from mlcc_core.actions.evaluate.managed.price import Prices, spent, told_cost
from mlcc_core.actions.evaluate.managed.results import measured_of
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.task import UNCOUNTED
from mlcc_core.actions.money.bill import Bill, check_limit
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.job import DatasetRef
from mlcc_core.contract.money.charge import Charge
from mlcc_core.errors import Interrupted, MlccError
from mlcc_core.helpers.text import shown_address


def evaluate_managed(
    session: Session, request: EvaluateRequest, reporter: Reporter | None = None
) -> list[ManagedResult]:
    """Have the platform evaluate models as jobs, or go on with those that it has.

    Each model is one job, two where a judge reads replies that the first one made. It is found
    again by every evaluation that needs the same, so that nothing is paid for twice.

    Args:
        session: project, plugins and platform; see ``open_session``.
        request: the models, and what to measure by; ``dry_run`` creates nothing, and without
            ``wait`` the jobs are begun and looked at once.
        reporter: takes the news; by default lines on stderr.

    Returns:
        A result for each target, and each benchmark or scorer.

    Raises:
        MlccError, Problems: something is wrong with the request, or it may cost too much; nothing
            was created.
        JobError: a job failed, was stopped, or is not what was sent.
        PlatformError: credentials, permission, quota, network, disk.
        Interrupted: Ctrl-C; the message says what goes on.
    """
    reporter = reporter or Reporter()
    started = time.monotonic()
    try:
        check_numbers(request)
        check_limit(request.max_cost, request.command_line(max_cost=None))
        session = with_events(session, request)
        evaluating = Evaluating(session, request, build_plans(session, request, reporter), reporter)
        evaluating.find()
    except KeyboardInterrupt:
        raise Interrupted(
            "Interrupted; nothing was submitted.", hint=request.command_line()
        ) from None
    if request.dry_run:
        evaluating.hold()
        return evaluating.results()
    evaluating.begin()
    if not all(run.over for run in evaluating.runs):
        return evaluating.results()
    return evaluating.finished(started)


class Evaluating:
    """Several evaluations at the same time; a job that two of them need is there once."""

    def __init__(
        self,
        session: Session,
        request: EvaluateRequest,
        plans: Sequence[ManagedPlan],
        reporter: Reporter,
    ) -> None:
        self.session = session
        self.request = request
        self.plans = plans
        self.reporter = reporter
        self._prices = Prices()
        self._due: dict[tuple[str, str], Bill] = {}
        self._noted: set[str] = set()
        self._runs: dict[tuple[str, str], SideRun] = {}
        for plan in plans:
            for side in plan.sides:
                self._runs.setdefault(_key(plan, side), self._side_run(plan, side))

    @property
    def runs(self) -> list[SideRun]:
        """Return the models, each with its jobs."""
        return list(self._runs.values())

    def find(self) -> None:
        """Find the jobs that exist; nothing is created.

        Raises:
            PlatformError: a platform cannot be asked.
        """
        with self.reporter.working("Looking for jobs that did this before"):
            for run in self.runs:
                run.find()

    def begin(self) -> None:
        """Tell what is to be done and what it costs, and do it."""
        for plan in self.plans:
            counted = self._prices.counted(plan) if self._missing(plan) else None
            for line in (*announced(plan), *(counted.lines() if counted else ())):
                self.reporter.say(line)
        for line in self.hold().lines():
            self.reporter.say(line)
        platform = self.plans[0].pair.platform
        follow(
            self.runs,
            interval=self.request.poll_interval or platform.poll_interval,
            wait=self.request.wait,
            again=self.request.command_line(dry_run=False, force=False, wait=True),
            reporter=self.reporter,
        )

    def hold(self) -> Bill:
        """Return what all jobs cost that have yet to be created.

        Raises:
            MlccError: that is more than is allowed, or not known.
        """
        self._due = self._bills()
        bill = Bill(tuple(charge for each in self._due.values() for charge in each.charges))
        bill.hold_to(self.request.max_cost, self.request.command_line(max_cost=None))
        return bill

    def results(self) -> list[ManagedResult]:
        """Return how the jobs stand."""
        return [self._result(plan) for plan in self.plans]

    def finished(self, started: float) -> list[ManagedResult]:
        """Compare the scores of jobs that completed, and keep the evaluations.

        Raises:
            MlccError: a result cannot be understood.
            PlatformError: a result cannot be read.
        """
        return [self._finished(plan, started) for plan in self.plans]

    def _finished(self, plan: ManagedPlan, started: float) -> ManagedResult:
        context = plan.pair.context
        runs = [self._runs[_key(plan, side)] for side in plan.sides]
        with self.reporter.working(f"Reading the scores of {plan.measured_by}"):
            ours, theirs = (plan.managed.scores(context, *run.measured()) for run in runs)
        for note in dict.fromkeys((*ours.notes, *theirs.notes)):
            self.reporter.say(f"ℹ️  {note}")
        measured = measured_of(ours, theirs, named=bool(self.request.metrics))
        evaluation = evaluation_of(
            plan.pair,
            plan.label,
            self._settings(plan, *(run.attempts[-1].name for run in runs)),
            measured,
            started,
            cost=told_cost(self.session.project, [s for run in runs for s in run.attempts]),
            spent=self._spent(plan),
        )
        keep(self.session, plan.pair, evaluation, self.reporter)
        for run in runs:
            run.collected()
        return replace(
            self._result(plan),
            evaluation=evaluation,
            errors=measured.errors,
            unmeasured=measured.unmeasured,
        )

    def _result(self, plan: ManagedPlan) -> ManagedResult:
        keys = [_key(plan, side) for side in plan.sides]
        jobs = tuple(job for side in plan.sides for job in self._jobs(plan, side))
        return ManagedResult(plan, jobs, Bill(tuple(c for k in keys for c in self._due[k].charges)))

    def _spent(self, plan: ManagedPlan) -> tuple[Charge, ...]:
        """Return what the jobs have used up; where that cannot be told, a line says so."""
        try:
            return tuple(
                charge
                for side in plan.sides
                for charge in spent(plan, side, self._runs[_key(plan, side)].attempts)
            )
        except MlccError as error:
            self.reporter.say(f"⚠️  The cost of {plan.measured_by} is not known: {error.what}")
            return ()

    def _settings(self, plan: ManagedPlan, job: str, against_job: str) -> dict[str, object]:
        spec = plan.spec
        settings: dict[str, object] = {
            "managed": spec.kind,
            "benchmark": spec.benchmark,
            "evaluator": spec.evaluator.value if spec.evaluator else None,
            "judge": None if spec.judge is None else shown_address(spec.judge),
            "judged": ", ".join(spec.metrics) or None,
            "samples": self.request.samples,
            "job": job,
            "against_job": against_job,
        }
        trained = {"trained_rows": UNCOUNTED} if self.request.allow_trained_rows else {}
        return {k: v for k, v in settings.items() if v is not None} | trained

    def _bills(self) -> dict[tuple[str, str], Bill]:
        return {
            _key(plan, side): self._prices.of_jobs(plan, side, self._runs[_key(plan, side)].missing)
            for plan in self.plans
            for side in plan.sides
        }

    def _missing(self, plan: ManagedPlan) -> bool:
        return any(self._runs[_key(plan, side)].missing for side in plan.sides)

    def _jobs(self, plan: ManagedPlan, side: Side) -> list[ManagedJob]:
        return [
            ManagedJob(
                side.title,
                attempt.step.spec.kind,
                attempt.name,
                attempt.state,
                attempt.created,
                attempt.step.draft.body,
            )
            for attempt in self._runs[_key(plan, side)].attempts
        ]

    def _side_run(self, plan: ManagedPlan, side: Side) -> SideRun:
        pair, rows = plan.pair, plan.rows

        @cache
        def staged() -> DatasetRef | None:
            return None if rows is None else stage(pair.platform, pair.context, rows)

        def found() -> DatasetRef | None:
            return None if rows is None else find(pair.platform, pair.context, rows)

        command = self.request.command_line(
            targets=(pair.target.title,),
            against=pair.against.title,
            dry_run=False,
            force=False,
            wait=True,
        )
        places = (self.session.project, pair.platform, plan.managed, pair.context)
        jobs = Jobs(*places, self.request, command, self._say_once)
        price = self._prices_of(plan, side)
        return SideRun(jobs, side, staged, found, price, self.reporter, self._say_once)

    def _say_once(self, line: str) -> None:
        if line not in self._noted:
            self._noted.add(line)
            self.reporter.say(line)

    def _prices_of(self, plan: ManagedPlan, side: Side) -> Callable[[Step], Bill]:
        return lambda step: self._prices.of_jobs(plan, side, (step,))


def _key(plan: ManagedPlan, side: Side) -> tuple[str, str]:
    return plan.pair.platform.name, side.measuring.digest
