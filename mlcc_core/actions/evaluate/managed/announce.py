"""News before a managed evaluation: what it measures, on which rows, for which price."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mlcc_core.actions.evaluate.managed.plan.plan import ManagedPlan
from mlcc_core.actions.evaluate.managed.plan.steps import Step
from mlcc_core.actions.evaluate.statistics import ENOUGH_ROWS
from mlcc_core.actions.money.bill import Bill
from mlcc_core.actions.money.tokens import Counted, count_sample
from mlcc_core.contract.money.charge import TokenAmount
from mlcc_core.helpers.text import plural
from mlcc_core.staging import RowSample


def announced(plan: ManagedPlan) -> Iterator[str]:
    """Yield the lines about an evaluation that is to begin."""
    pair = plan.pair
    yield (
        f"📋 {pair.target.title} against {pair.against.title} by {pair.platform.title}: "
        f"{plan.measured_by}"
    )
    if plan.rows is None:
        return
    count = plural(len(plan.rows.rows.rows), "row")
    yield f"   {count}: {plan.label}"
    yield from (f"ℹ️  {note}" for note in plan.rows.rows.notes)
    if len(plan.rows.rows.rows) < ENOUGH_ROWS:
        yield f"⚠️  {count} are too few for a verdict, which takes {ENOUGH_ROWS}."
    yield from plan.rows.warnings


def count_tokens(plan: ManagedPlan) -> Counted | None:
    """Count the tokens of the rows that both models are asked.

    Returns:
        ``None`` for a benchmark, which brings its own, and where nothing is priced.
    """
    platform, context = plan.pair.platform, plan.pair.context
    if plan.rows is None or platform.pricing is None:
        return None
    sample = RowSample()
    for row in plan.rows.rows.rows:
        sample.add(json.dumps(dict(row.columns), ensure_ascii=False).encode() + b"\n")
    return count_sample(platform, context, plan.spec.model, None, sample.sample())


def bill_of(
    plan: ManagedPlan, title: str, missing: Sequence[Step], tokens: TokenAmount | None
) -> Bill:
    """Return what the jobs of a model cost that have yet to be created.

    Args:
        plan: of the evaluation.
        title: of the model.
        missing: the jobs.
        tokens: of the rows; ``None`` where they were not counted.
    """
    pricing, context = plan.pair.platform.pricing, plan.pair.context
    if pricing is None:
        return Bill()
    return Bill(
        tuple(
            replace(charge, what=f"{charge.what}, {_of(step)} {title}")
            for step in missing
            for charge in pricing.of_evaluation(context, step.spec, step.draft, tokens)
        )
    )


def _of(step: Step) -> str:
    return "for the replies of" if step.spec.kind == "replies" else "for"
