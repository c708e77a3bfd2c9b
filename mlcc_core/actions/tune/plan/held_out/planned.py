"""The rows of a plan, to find the job that trains on them and to compare others with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcc_core.actions.tune.plan.held_out.choice import AUTO, FLAG
from mlcc_core.actions.tune.plan.held_out.content import divided_key, rules_said
from mlcc_core.actions.tune.plan.identity import DATASET, plan_hash
from mlcc_core.actions.tune.plan.rows import saved_ledger
from mlcc_core.helpers.text import shown_uri
from mlcc_core.staging.model.hold_out import HoldOut

if TYPE_CHECKING:
    from mlcc_core.actions.tune.plan.plan import Plan
    from mlcc_core.project.records import RunRecord


@dataclass(frozen=True)
class PlannedRows:
    """The rows of a plan, to find and to compare jobs by.

    Attributes:
        dataset: as it is shown, for messages.
        content: the address of all of its rows.
        typed: what ``--validation`` is, as typed, or the default.
        rule: that holds some of them out.
        alike: rules that may come to the same rows, by the hash of the plan that they make.
    """

    dataset: str
    content: str | None = None
    typed: str = AUTO
    rule: HoldOut | None = None
    alike: Mapping[str, HoldOut] = field(default_factory=dict)

    def same_as(self, record: RunRecord, rule: HoldOut) -> bool:
        """Return whether a job of another rule holds out the very rows of this plan.

        Args:
            record: of a job that is asked for alike, but for the rule.
            rule: of that job.
        """
        ledger = saved_ledger(record.ledger)
        if ledger is None or self.rule is None or None in (self.rule.fraction, rule.fraction):
            return False
        return self.rule.wanted(ledger.written) == rule.wanted(ledger.written)


def planned_rows(plan: Plan) -> PlannedRows:
    """Return the rows of a plan."""
    dataset, held_out = plan.dataset, plan.dataset.held_out
    rule = held_out.rule
    shown = shown_uri(plan.request.dataset)
    if rule is None:
        return PlannedRows(shown, dataset.content, held_out.asked)
    alike = {}
    for other in rules_said(plan.asked.get(FLAG)):
        if other.identity != rule.identity:
            asked = {**plan.asked, DATASET: divided_key(dataset.content, other.identity)}
            alike[plan_hash({"platform": plan.platform.name, **asked})] = other
    return PlannedRows(shown, dataset.content, held_out.asked, rule, alike)
