"""The cost of a job before it exists: the tokens of its rows, the platform's charges, a limit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from mlcc_core.actions.money.bill import Bill, untold
from mlcc_core.actions.money.tokens import Counted, count_sample, count_staged
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.plan.plan import Plan, build_plan
from mlcc_core.actions.tune.plan.recipes import reading_recipe
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.actions.tune.plan.rows import RowCount
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.job import TrainingSpec
from mlcc_core.contract.money.charge import TokenAmount
from mlcc_core.contract.platform.values import Request
from mlcc_core.errors import MlccError
from mlcc_core.project.cost import CostBody
from mlcc_core.staging import RowSample


@dataclass(frozen=True)
class JobCost:
    """The cost of a job.

    Attributes:
        bill: its charges; empty where the platform takes no money.
        counted: the tokens of the rows to train on, or why they were not counted.
    """

    bill: Bill = dataclasses.field(default_factory=Bill)
    counted: Counted | None = None

    def lines(self) -> Iterator[str]:
        """Say it to people."""
        if self.bill.charges and self.counted is not None:
            yield from self.counted.lines()
        yield from self.bill.lines()

    def document(self) -> PlannedCost | None:
        """Return it as ``--json`` documents have it; ``None`` where nothing costs anything."""
        if not self.bill.charges:
            return None
        counted = self.counted or Counted()
        return {
            **self.bill.document(),
            "tokens": counted.amount,
            "not_counted": counted.why_not or None,
        }


class PlannedCost(CostBody):
    """The cost of a plan, with the tokens of the rows to train on, or why they are not known.

    Attributes:
        tokens: of the rows to train on; null where they are not known.
        not_counted: why they are not known; null where they are.
    """

    tokens: TokenAmount | None
    not_counted: str | None


def draft_lines(session: Session, request: TuneRequest) -> Iterator[str]:
    """Say what a job would cost, as far as that is known before its rows are counted.

    Nothing is said where nothing costs anything, or where the job cannot be planned.
    """
    if session.platform.pricing is None:
        return
    with suppress(MlccError):
        plan = build_plan(session.with_options(request.values), request)
        yield from draft_bill(plan).lines()


def draft_bill(plan: Plan) -> Bill:
    """Price a plan before its rows are counted: prices without the quantities that depend on them.

    Nothing is read, and nothing is written.
    """
    return _bill(plan, plan.spec, plan.draft, Counted())


def hold_draft(plan: Plan) -> None:
    """Refuse a plan that cannot be kept within its limit, however many tokens its rows have.

    Raises:
        MlccError: a price is not known, or what is known already exceeds the limit.
    """
    limit = plan.request.max_cost
    if limit is not None:
        draft_bill(plan).hold_to(limit, _unlimited(plan), draft=True)


def held_cost(plan: Plan, spec: TrainingSpec, request: Request, counted: Counted | None) -> JobCost:
    """Price a job, and hold it to the limit of its request.

    Args:
        plan: of the job.
        spec: the job.
        request: that would be sent.
        counted: the tokens of its rows; ``None`` where they cost nothing.

    Raises:
        MlccError: it may cost more than the limit, or that is not known.
    """
    cost = JobCost(_bill(plan, spec, request, counted or Counted()), counted)
    try:
        cost.bill.hold_to(plan.request.max_cost, _unlimited(plan))
    except MlccError as error:
        if counted is not None and counted.amount is None:
            error.detail = (*error.detail, *counted.why_not.splitlines())
        raise
    return cost


def cost_at(plan: Plan, spec: TrainingSpec, request: Request, reporter: Reporter) -> JobCost:
    """Price a job whose rows are where it reads them, and hold it to the limit of its request.

    Args:
        plan: of the job.
        spec: the job, with its dataset.
        request: that would be sent.
        reporter: takes the news.

    Raises:
        MlccError: it may cost more than the limit, or that is not known.
    """
    counted = None
    if spec.dataset is not None and plan.platform.pricing is not None:
        at, context, model = spec.dataset, plan.session.context, plan.spec.model
        with reporter.working("Counting the tokens of the rows"):
            recipe = reading_recipe(plan.technique, plan.platform, plan.request.values)
            counted = count_staged(plan.platform, context, model, recipe, at.uri, at.rows)
    return held_cost(plan, spec, request, counted)


def not_limited(plan: Plan, job: str) -> Iterator[str]:
    """Say that a job which exists is not held to the limit that was given."""
    if plan.request.max_cost is not None:
        yield f"ℹ️  --max-cost is for new jobs: {job} exists, and costs what it costs."


def count_sampled(plan: Plan, rows: RowCount, sample: RowSample | None) -> Counted | None:
    """Count the tokens of rows that are not staged yet, from a sample of the pass over them.

    Args:
        plan: whose rows they are.
        rows: that were read.
        sample: of the pass; ``None`` for no pricing.
    """
    if sample is None:
        return None
    if not rows.whole:
        again = plan.request.command_line(validate="full")
        return Counted(why_not=f"not all rows were read.\n{again}   # reads all")
    context, model = plan.session.context, plan.spec.model
    return count_sample(
        plan.platform,
        context,
        model,
        reading_recipe(plan.technique, plan.platform, plan.request.values),
        sample.sample(),
    )


def _bill(plan: Plan, spec: TrainingSpec, request: Request, counted: Counted) -> Bill:
    platform = plan.platform
    if platform.pricing is not None:
        context = plan.session.context
        return Bill(tuple(platform.pricing.of_job(context, spec, request, counted.amount)))
    return Bill(untold(platform, "job"))


def _unlimited(plan: Plan) -> str:
    return plan.request.command_line(max_cost=None, force=plan.request.force)
