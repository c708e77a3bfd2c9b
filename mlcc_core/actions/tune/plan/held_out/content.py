"""The content address of a dataset of which rows are held out: of its content, and of the rule.

The name of a job follows from this address. Here the content is found that one is of, so that
another rule is not taken for other data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from mlcc_core.actions.tune.plan.held_out.choice import AUTO_RULE, FLAG
from mlcc_core.actions.tune.plan.identity import DATASET
from mlcc_core.staging.model.hold_out import HoldOut


def divided_key(content: str, identity: Sequence[object]) -> str:
    """Return the address of a dataset in two parts.

    Args:
        content: the address of all of its rows.
        identity: everything that decides which of them are held out.
    """
    return hashlib.sha256(json.dumps([content, identity]).encode()).hexdigest()


def rules_said(value: object) -> tuple[HoldOut, ...]:
    """Return the rules that ``--validation``, as it stands in what was asked, may be of.

    The default is said as its fraction alone. Of none and of another dataset there is no rule.
    """
    if isinstance(value, float):
        rules = (AUTO_RULE, HoldOut(str(value), fraction=value))
        return tuple(rule for rule in rules if rule.fraction == value)
    return (HoldOut(str(value), rows=value),) if isinstance(value, int) else ()


def rule_in(asked: Mapping[str, object], content: str) -> HoldOut | None:
    """Return the rule that divided rows of this content as they were asked for.

    Returns:
        ``None`` where no rule did, or other rows were divided.
    """
    key = asked.get(DATASET)
    rules = rules_said(asked.get(FLAG))
    return next((rule for rule in rules if divided_key(content, rule.identity) == key), None)
