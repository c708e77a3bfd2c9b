"""Column rewrites of rows that a typed decoder has read: the plain cases of ``prompt_extraction``.

Every other row goes through ``rows.RowConverter``, which takes four to five times as long (rows
``extract-jsonl`` and ``messages-jsonl`` of the benchmark).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlcc_core.helpers.text import join_turns
from mlcc_core.staging.convert.conversation.turn_types import keys_of_turns, message, pair_of
from mlcc_core.staging.convert.json_layout import (
    Field,
    JsonLayout,
    OutputColumn,
    other_field,
    tests_of_difference,
)
from mlcc_core.staging.rules.messages import ANSWERING
from mlcc_core.staging.rules.plan import ConversionPlan
from mlcc_core.staging.rules.prompt_extraction import TOOL_ROLES


def rewritten_layout(
    record: Mapping[str, Any], targets: Sequence[str], plan: ConversionPlan
) -> JsonLayout | None:
    """Return the layout of rows like ``record``, or ``None``: convert them one by one.

    Args:
        record: the first row.
        targets: the record's keys after rename.
        plan: of the conversion.
    """
    rewrite = plan.rewrite
    if rewrite is None or any(rewrite.lists.values()) or plan.keep_other:
        return None
    read = [name for name in targets if name in rewrite.reads]
    if set(read) not in ({"messages"}, {"chosen", "rejected"}):
        return None  # other columns may contradict the new ones
    if {column.name for column in plan.columns} != set(rewrite.makes):
        return None
    fields: list[Field] = []
    for (key, value), target in zip(record.items(), targets, strict=True):
        field = (
            _turns(key, target, value)
            if target in read
            else other_field(key, target, watched=plan.watches(target))
        )
        if field is None:
            return None
        fields.append(field)
    indices = {name: targets.index(name) for name in read}
    first = indices.get("messages", indices.get("chosen", 0))
    columns = [
        OutputColumn(
            column.name,
            first if column.name == "prompt" else indices.get(column.name, first),
            _prompt if column.name == "prompt" else _answer,
            plan=column,
        )
        for column in plan.columns
    ]
    tests = tests_of_difference(columns, plan)
    if tests is None:
        return None
    if "chosen" in indices:
        tests.append((indices["chosen"], indices["rejected"], _share))
    return JsonLayout(fields, columns, tests)


def _turns(key: str, target: str, value: Any) -> Field | None:
    pair = pair_of(value)
    if pair is None or not isinstance(value, list):
        return None
    return Field(key, target, list[message(pair)], keys_of_turns, _is_answered)  # type: ignore[misc]


def _is_answered(turns: list[Any]) -> bool:
    """Return whether there are two messages or more, no tools, and an answer last."""
    return (
        len(turns) > 1
        and turns[-1].role.casefold() in ANSWERING
        and not any(turn.role in TOOL_ROLES for turn in turns)
    )


def _share(left: list[Any], right: list[Any]) -> bool:
    """Return whether two conversations are equal but for the answer."""
    return _pairs(left[:-1]) == _pairs(right[:-1])


def _prompt(turns: list[Any]) -> str:
    pairs = _pairs(turns[:-1])
    return pairs[0][1] if len(pairs) == 1 else join_turns(pairs)


def _answer(turns: list[Any]) -> str:
    answer: str = turns[-1].content
    return answer


def _pairs(turns: list[Any]) -> list[tuple[str, str]]:
    return [(turn.role, turn.content) for turn in turns]
