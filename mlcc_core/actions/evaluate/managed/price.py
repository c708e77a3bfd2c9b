"""Prices of the jobs of managed evaluations: before they are created, and once they are over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mlcc_core.actions.evaluate.managed.job.record import read_job
from mlcc_core.actions.evaluate.managed.job.side_run import Attempt
from mlcc_core.actions.evaluate.managed.plan.plan import ManagedPlan
from mlcc_core.actions.evaluate.managed.plan.steps import Side, Step
from mlcc_core.actions.money.bill import Bill, saved_bill, untold
from mlcc_core.actions.money.tokens import Counted, count_sample
from mlcc_core.contract.money.charge import Charge
from mlcc_core.project.project import Project
from mlcc_core.staging import RowSample


class Prices:
    """Prices of the jobs of several evaluations; tokens are counted once, prices asked for once."""

    def __init__(self) -> None:
        self._counts: dict[str, Counted | None] = {}
        self._charges: dict[tuple[str, str], tuple[Charge, ...]] = {}

    def counted(self, plan: ManagedPlan) -> Counted | None:
        """Count the tokens of the rows that both models are asked.

        Returns:
            ``None`` for a benchmark, which brings its own, and where nothing is priced.
        """
        platform, context = plan.pair.platform, plan.pair.context
        if plan.rows is None or platform.pricing is None:
            return None
        key = f"{platform.name} {plan.spec.model} {plan.rows.key}"
        if key not in self._counts:
            sample = RowSample()
            for row in plan.rows.rows.rows:
                sample.add(json.dumps(dict(row.columns), ensure_ascii=False).encode() + b"\n")
            found = count_sample(platform, context, plan.spec.model, None, sample.sample())
            self._counts[key] = found
        return self._counts[key]

    def of_jobs(self, plan: ManagedPlan, side: Side, steps: Sequence[Step]) -> Bill:
        """Return what jobs of a model cost that have yet to be created."""
        return Bill(tuple(charge for step in steps for charge in self._of_job(plan, side, step)))

    def _of_job(self, plan: ManagedPlan, side: Side, step: Step) -> tuple[Charge, ...]:
        pricing, key = plan.pair.platform.pricing, (plan.pair.platform.name, step.digest)
        if pricing is None:
            return _named(untold(plan.pair.platform, "evaluation"), side, step)
        if key not in self._charges:
            counted = self.counted(plan)
            tokens = counted.amount if counted is not None else None
            found = pricing.of_evaluation(plan.pair.context, step.spec, step.draft, tokens)
            self._charges[key] = _named(found, side, step)
        return self._charges[key]


def told_cost(project: Project, attempts: Sequence[Attempt]) -> tuple[Charge, ...]:
    """Return what jobs were to cost, as it was told before they were created.

    Raises:
        MlccError: the record of a job cannot be understood.
        PlatformError: it cannot be read.
    """
    records = [read_job(project, attempt.name) for attempt in attempts]
    return tuple(
        charge
        for record in records
        if record is not None
        for charge in saved_bill(record.cost).charges
    )


def spent(plan: ManagedPlan, side: Side, attempts: Sequence[Attempt]) -> Iterator[Charge]:
    """Yield what the jobs of a model have used up, where the platform tells.

    Raises:
        MlccError: it cannot be asked.
    """
    pricing = plan.pair.platform.pricing
    for attempt in attempts:
        if pricing is not None and attempt.state is not None:
            found = pricing.spent_on_evaluation(plan.pair.context, attempt.step.spec, attempt.state)
            yield from _named(found, side, attempt.step)


def _named(charges: Sequence[Charge], side: Side, step: Step) -> tuple[Charge, ...]:
    """Return charges that say which model's they are."""
    of = "for the replies of" if step.spec.kind == "replies" else "for"
    return tuple(replace(each, what=f"{each.what}, {of} {side.title}") for each in charges)
