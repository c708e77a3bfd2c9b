"""News before a managed evaluation: what it measures, on which rows."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core.actions.evaluate.managed.plan.plan import ManagedPlan
from mlcc_core.actions.evaluate.statistics import ENOUGH_ROWS
from mlcc_core.helpers.text import plural


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
        yield f"⚠️  {count}: too few for a verdict, which takes {ENOUGH_ROWS}."
    yield from plan.rows.warnings
