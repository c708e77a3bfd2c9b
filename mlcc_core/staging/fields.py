"""The keys of rows of JSON text as a typed decoder is told of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec

from mlcc_core.staging.chat import KEY_PAIRS, Strategy, join_turns
from mlcc_core.staging.plan import ColumnPlan, Plan
from mlcc_core.staging.strict_json import count_keys


@dataclass(frozen=True)
class Field:
    """A key of the rows.

    Attributes:
        key: as it is in the file.
        target: the column that it becomes.
        type: what the decoder is told.
        keys: how many keys a value has within; ``None``: none.
        fits: whether a value of the type is fine; ``None``: all are.
        text: what flattening makes of it.
        role: that flattening drops.
        plan: the schema's column, if it is one.
    """

    key: str
    target: str
    type: Any
    keys: Callable[[Any], int] | None = None
    fits: Callable[[Any], bool] | None = None
    text: Callable[[Any], str] | None = None
    role: Callable[[Any], str] | None = None
    plan: ColumnPlan | None = None

    @property
    def raw(self) -> bool:
        """Its own bytes are written: it is neither a string nor made one."""
        return self.type is not str and self.text is None


def fields_of(
    record: Mapping[str, Any], plan: Plan, renames: Mapping[str, str]
) -> list[Field] | None:
    """The fields of rows like ``record``, or ``None`` where rows have to be looked at singly."""
    columns = {column.name: column for column in plan.columns}
    fields: list[Field] = []
    for key, value in record.items():
        target = renames.get(key, key)
        column = columns.get(target)
        field = _field(key, target, value, column)
        if field is None:
            return None
        fields.append(field)
    targets = [field.target for field in fields]
    if any(not name.isprintable() or set('"\\') & set(name) for name in (*record, *targets)):
        return None  # msgspec takes no such names
    if not plan.keep_other and all(field.plan is None for field in fields):
        return None  # nothing is written
    others = sum(field.plan is None for field in fields)
    if plan.repair or len(set(targets)) < len(targets) or (plan.keep_other and others > 1):
        return None  # other columns keep the order of their own row
    if any(column.required and column.name not in targets for column in plan.columns):
        return None
    return fields


def _field(key: str, target: str, value: Any, column: ColumnPlan | None) -> Field | None:
    if column is None:
        return Field(key, target, Any, keys=_keys_within)
    if isinstance(value, str):
        return Field(key, target, str, plan=column) if "string" in column.types else None
    pair = next((p for p in KEY_PAIRS if p[0] in _first(value) and p[1] in _first(value)), None)
    if pair is None or column.column.evaluator:
        return None
    message = msgspec.defstruct(
        "Message",
        [("role", str), ("content", str)],
        rename={"role": pair[0], "content": pair[1]},
        forbid_unknown_fields=True,
        gc=False,
    )
    if column.strategy is not None:
        if isinstance(value, dict):
            return _one_message(key, target, message, column)
        return _flattened(key, target, message, column, column.strategy)
    if "messages" in column.types and isinstance(value, list) and pair == KEY_PAIRS[0]:
        kind = list[message]  # type: ignore[valid-type]
        return Field(key, target, kind, keys=lambda turns: 2 * len(turns), fits=bool, plan=column)
    return None


def _first(value: Any) -> Mapping[str, Any]:
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, dict) else {}


def _one_message(key: str, target: str, message: Any, column: ColumnPlan) -> Field:
    content = attrgetter("content")
    text = (lambda turn: join_turns([(turn.role, turn.content)])) if _joins(column) else content
    return Field(
        key, target, message, lambda _: 2, None, text, role=attrgetter("role"), plan=column
    )


def _joins(column: ColumnPlan) -> bool:
    return column.strategy == "mixed_roles"


def _flattened(
    key: str, target: str, message: Any, column: ColumnPlan, strategy: Strategy
) -> Field:
    def fits(turns: list[Any]) -> bool:
        if strategy == "mixed_roles" or not turns:
            return bool(turns)
        if strategy == "same_role":
            return all(turn.role == turns[0].role for turn in turns)
        return len(turns) == 1

    def text(turns: list[Any]) -> str:
        if strategy == "mixed_roles":
            return join_turns([(turn.role, turn.content) for turn in turns])
        return "\n".join([turn.content for turn in turns])

    return Field(
        key,
        target,
        list[message],
        keys=lambda turns: 2 * len(turns),
        fits=fits,
        text=text,
        role=lambda turns: turns[0].role,
        plan=column,
    )


def _keys_within(value: Any) -> int:
    return count_keys(value) if isinstance(value, (dict, list)) else 0
