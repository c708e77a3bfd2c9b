"""Layout of rows of JSON text for a typed decoder: their keys, and the columns to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter, ne
from typing import Any

from mlcc_core.helpers.text import join_turns
from mlcc_core.staging.convert.conversation.turn_types import keys_of_turns, message, pair_of
from mlcc_core.staging.rules.context import has_text
from mlcc_core.staging.rules.conversation.chat_text import looks_like_chat, none_starts_like_chat
from mlcc_core.staging.rules.messages import KEY_PAIRS
from mlcc_core.staging.rules.plan import ColumnPlan, ConversionPlan
from mlcc_core.staging.rules.renaming import Renaming
from mlcc_core.staging.rules.roles import RoleRules
from mlcc_core.staging.rules.strict_json import count_keys


@dataclass(frozen=True)
class Field:
    """A key of the rows.

    Attributes:
        key: as it is in the file.
        target: the column that it is after rename.
        type: of its values, for the decoder.
        keys: counts the keys within a value; ``None``: there are none.
        fits: tests a value of the type; ``None``: all fit.
        all_fit: tests many values at once: where it is true, each of them fits.
    """

    key: str
    target: str
    type: Any
    keys: Callable[[Any], int] | None = None
    fits: Callable[[Any], bool] | None = None
    all_fit: Callable[[Sequence[Any]], bool] | None = None


@dataclass(frozen=True)
class OutputColumn:
    """A column that is written.

    Attributes:
        name: of the column.
        index: of the field or join that it is, or is made of.
        text: converts the field's value to what is written, a string unless it is whole;
            ``None``: the value is written.
        raw: the value's own bytes are written: it is not a string.
        wraps: the string becomes a user message.
        role: that flattening drops.
        plan: the schema's column, if it is one.
        whole: the value is a conversation, of which no text is counted.
        translates: roles and keys of its messages become others.
    """

    name: str
    index: int
    text: Callable[[Any], Any] | None = None
    raw: bool = False
    wraps: bool = False
    role: Callable[[Any], str] | None = None
    plan: ColumnPlan | None = None
    whole: bool = False
    translates: bool = False


PairTest = tuple[int, int, Callable[[Any, Any], bool]]


@dataclass(frozen=True)
class JsonLayout:
    """The keys that rows of one form have, and the columns that are written of them.

    Attributes:
        fields: in the order of the first record.
        joins: indices of the fields that become one text each, and the field that this text is;
            its own index follows those of the others.
        columns: in the order in which they are written.
        tests: indices of two fields each, and the test that their values must pass.
        ordered: rows must have their keys in the order of the fields, because several columns are
            written in the row's own order.
    """

    fields: Sequence[Field]
    columns: Sequence[OutputColumn]
    tests: Sequence[PairTest] = ()
    ordered: bool = False
    joins: Sequence[tuple[Sequence[int], Field]] = ()


def layout_of(
    record: Mapping[str, Any], plan: ConversionPlan, renames: Mapping[str, str]
) -> JsonLayout | None:
    """Return the layout of rows like ``record``, or ``None``: convert them one by one."""
    renaming = Renaming(renames, plan.joins, plan.left_out)
    targets = renaming.names(record)
    if len(set(targets)) < len(targets) or not all(map(_is_plain, (*record, *targets))):
        return None
    if plan.rewrite:
        from mlcc_core.staging.convert.conversation.json_lines import conversation_layout
        from mlcc_core.staging.convert.json_prompts import rewritten_layout

        if plan.joins or plan.left_out:
            return None
        whole = any("conversation" in column.types for column in plan.columns)
        return (conversation_layout if whole else rewritten_layout)(record, targets, plan)
    columns = {column.name: column for column in plan.columns}
    keys = list(record)
    joins = {join.target: join for join in plan.joins if not set(keys).isdisjoint(join.sources)}
    fields: list[Field] = []
    texts: dict[str, Field] = {}
    written: dict[str, OutputColumn] = {}
    for index, (key, value) in enumerate(record.items()):
        target = renaming.target(key)
        if target is None:
            fields.append(other_field(key, key))
            continue
        of_schema = columns.get(target)
        if renaming.is_part(key):
            pair = _join(len(keys) + list(joins).index(target), target, value, of_schema)
        else:
            pair = _field(index, key, target, value, of_schema, watched=plan.watches(target))
        if pair is None:
            return None
        field, column = pair
        if renaming.is_part(key):
            texts[target] = field
            field = Field(key, target, str | None)
        fields.append(field)
        written.setdefault(target, column)
    layout = _in_order(fields, written, plan)
    if layout is None or not joins:
        return layout
    parts = {
        target: [keys.index(key) for key in join.sources if key in record]
        for target, join in joins.items()
    }
    return replace(layout, joins=[(parts[target], texts[target]) for target in joins])


def _is_plain(name: str) -> bool:
    """Return whether msgspec accepts a name."""
    return name.isprintable() and not set('"\\') & set(name)


def _join(
    index: int, target: str, part: Any, plan: ColumnPlan | None
) -> tuple[Field, OutputColumn] | None:
    """Return the field that a join is, and its column; ``None``: a part of it is not text."""
    if not isinstance(part, (str, type(None))):
        return None
    pair = (Field(target, target, str), OutputColumn(target, index))
    made = pair if plan is None else _field(index, target, target, "", plan)
    if made is None:
        return None
    field, column = made

    def fits(text: str | None) -> bool:
        return text is not None and (field.fits is None or field.fits(text))

    def all_fit(texts: Sequence[str | None]) -> bool:
        return None not in texts and (field.all_fit is None or field.all_fit(texts))

    return replace(field, fits=fits, all_fit=all_fit), column


def _in_order(
    fields: list[Field], written: dict[str, OutputColumn], plan: ConversionPlan
) -> JsonLayout | None:
    if any(column.required and column.name not in written for column in plan.columns):
        return None
    columns = [written[column.name] for column in plan.columns if column.name in written]
    tests = tests_of_difference(columns, plan)
    if tests is None:
        return None
    if not plan.keep_other:
        return JsonLayout(fields, columns, tests)
    others = [column for column in written.values() if column.plan is None]
    return JsonLayout(fields, columns + others, tests, ordered=len(others) > 1)


def tests_of_difference(
    columns: Sequence[OutputColumn], plan: ConversionPlan
) -> list[PairTest] | None:
    """Return the tests of columns that must differ; ``None``: convert the rows one by one."""
    written = {column.name: column for column in columns}
    tests: list[PairTest] = []
    for first, second in plan.differ:
        if first not in written or second not in written:
            continue
        left, right = written[first], written[second]
        if left.wraps != right.wraps and (left.raw or right.raw):
            return None  # a string that becomes a message may equal messages
        tests.append((left.index, right.index, _difference(left, right)))
    return tests


def _difference(left: OutputColumn, right: OutputColumn) -> Callable[[Any, Any], bool]:
    if left.text is None and right.text is None:
        return ne
    of_left, of_right = left.text or _as_it_is, right.text or _as_it_is
    return lambda a, b: bool(of_left(a) != of_right(b))


def _as_it_is(value: Any) -> Any:
    return value


def _field(
    index: int, key: str, target: str, value: Any, plan: ColumnPlan | None, *, watched: bool = False
) -> tuple[Field, OutputColumn] | None:
    if plan is None:
        return other_field(key, target, watched=watched), OutputColumn(target, index, raw=True)
    if isinstance(value, str):
        wraps = "string" not in plan.types
        if wraps and not (plan.wrap and _all_fit(plan, ["user"])):
            return None
        field = Field(key, target, str)
        if plan.chat_text != "keep":
            field = replace(field, fits=_is_no_chat, all_fit=none_starts_like_chat)
        return field, OutputColumn(target, index, wraps=wraps, plan=plan)
    pair = pair_of(value)
    if pair is None or plan.column.evaluator:
        return None
    if plan.strategy is not None:
        return _flattened(Field(key, target, message(pair)), index, value, plan)
    if "messages" in plan.types and isinstance(value, list) and pair == KEY_PAIRS[0]:
        fits = bool if plan.roles is None else partial(_keep_rules, plan.roles)
        field = Field(key, target, list[message(pair)], keys_of_turns, fits)  # type: ignore[misc]
        return field, OutputColumn(target, index, raw=True, plan=plan)
    return None


def _is_no_chat(text: str) -> bool:
    return not looks_like_chat(text)


def _all_fit(plan: ColumnPlan, roles: list[str]) -> bool:
    return plan.roles is None or plan.roles.fit(roles)


def _keep_rules(rules: RoleRules, turns: list[Any]) -> bool:
    """Return whether there are messages, and all keep the rules of their column."""
    if not turns or rules.roles is None:
        return bool(turns) and rules.fits_last(turns[-1].role)
    return rules.fit([turn.role for turn in turns])


def other_field(key: str, target: str, *, watched: bool = False) -> Field:
    """Return a field of any type.

    Args:
        key: as it is in the file.
        target: the column that it is after rename.
        watched: it carries context and is not written, so there must be no text in it.
    """
    return Field(key, target, Any, keys=_keys_within, fits=_is_silent if watched else None)


def _is_silent(value: object) -> bool:
    return not has_text(value)


def _flattened(one: Field, index: int, value: Any, plan: ColumnPlan) -> tuple[Field, OutputColumn]:
    joins = plan.strategy == "mixed_roles"
    if isinstance(value, dict):
        field = Field(one.key, one.target, one.type, lambda _: 2)
        text = (lambda turn: _joined([turn])) if joins else attrgetter("content")
        return field, OutputColumn(one.target, index, text, role=attrgetter("role"), plan=plan)

    def fits(turns: list[Any]) -> bool:
        if joins or not turns:
            return bool(turns)
        if plan.strategy == "same_role":
            return all(turn.role == turns[0].role for turn in turns)
        return len(turns) == 1

    def contents(turns: list[Any]) -> str:
        return "\n".join([turn.content for turn in turns])

    field = Field(one.key, one.target, list[one.type], keys_of_turns, fits)  # type: ignore[name-defined]
    return field, OutputColumn(
        one.target,
        index,
        _joined if joins else contents,
        role=lambda turns: turns[0].role,
        plan=plan,
    )


def _joined(turns: list[Any]) -> str:
    return join_turns([(turn.role, turn.content) for turn in turns])


def _keys_within(value: Any) -> int:
    return count_keys(value) if isinstance(value, (dict, list)) else 0
