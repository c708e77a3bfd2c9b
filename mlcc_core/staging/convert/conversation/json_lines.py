"""Whole conversations that a typed decoder has read: messages of role and content alone.

Every other row (tools, reasoning, weights, text to read) goes through ``rows.RowConverter``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlcc_core.contract.technique.row_rules import ROLES
from mlcc_core.staging.convert.conversation.turn_types import keys_of_turns, message, pair_of
from mlcc_core.staging.convert.json_layout import Field, JsonLayout, OutputColumn, other_field
from mlcc_core.staging.rules.conversation.fields import is_empty, is_empty_list
from mlcc_core.staging.rules.conversation.turns import CALLING, ROLE_NAMES
from mlcc_core.staging.rules.conversation.whole import SYSTEM
from mlcc_core.staging.rules.messages import KEY_PAIRS
from mlcc_core.staging.rules.plan import ColumnPlan, ConversionPlan

_ROLES = frozenset(ROLES)
_SPOKEN: Mapping[str, str] = {
    name: role for name, role in ROLE_NAMES.items() if name not in CALLING
}
"""Roles by the names that are read as they are, whatever the content."""

_TURN = message(KEY_PAIRS[0])


def conversation_layout(
    record: Mapping[str, Any], targets: Sequence[str], plan: ConversionPlan
) -> JsonLayout | None:
    """Return the layout of rows like ``record``, or ``None``: convert them one by one.

    Args:
        record: the first row.
        targets: the record's keys after rename.
        plan: of the conversion, which makes a conversation.
    """
    rewrite = plan.rewrite
    if rewrite is None or plan.keep_other or {c.name for c in plan.columns} != set(rewrite.makes):
        return None
    column = next(column for column in plan.columns if "conversation" in column.types)
    fields: list[Field] = []
    for (key, value), target in zip(record.items(), targets, strict=True):
        if target == column.name:
            turns = _turns(key, target, value)
            if turns is None:
                return None
            fields.append(turns)
        elif target in rewrite.reads:
            says_nothing = is_empty if target in SYSTEM else is_empty_list
            other = other_field(key, target)
            fields.append(Field(key, target, other.type, other.keys, says_nothing))
        else:
            fields.append(other_field(key, target))
    if column.name not in targets:
        return None
    index = targets.index(column.name)
    return JsonLayout(fields, [_output(column, index, record)])


def _turns(key: str, target: str, value: Any) -> Field | None:
    pair = pair_of(value)
    if pair is None or not isinstance(value, list):
        return None
    fits = _is_clean if pair == KEY_PAIRS[0] else _is_spoken
    return Field(key, target, list[message(pair)], keys_of_turns, fits)  # type: ignore[misc]


def _output(column: ColumnPlan, index: int, record: Mapping[str, Any]) -> OutputColumn:
    translates = pair_of(list(record.values())[index]) != KEY_PAIRS[0]
    written = _translated if translates else None
    return OutputColumn(column.name, index, written, plan=column, whole=True, translates=translates)


def _is_clean(turns: list[Any]) -> bool:
    """Return whether all roles are written as they are, and the assistant's is among them."""
    roles = {turn.role for turn in turns}
    return "assistant" in roles and roles <= _ROLES


def _is_spoken(turns: list[Any]) -> bool:
    """Return whether all roles are known by some name, and the assistant's is among them."""
    roles = {_SPOKEN.get(turn.role.casefold()) for turn in turns}
    return "assistant" in roles and None not in roles


def _translated(turns: list[Any]) -> list[Any]:
    return [_TURN(role=_SPOKEN[turn.role.casefold()], content=turn.content) for turn in turns]
