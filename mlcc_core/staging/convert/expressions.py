"""The plan of a column as Polars expressions: which rows are plainly valid, and their output.

Only the plain cases are expressed here. Every other row goes through ``rows.RowConverter``, which
decides whether it is valid and words its issues.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow.types as pt

from mlcc_core.staging.read.arrow_values import is_list, is_text
from mlcc_core.staging.read.json_values import json_shape
from mlcc_core.staging.rules.conversation.chat_text import CHAT_KEY, CHAT_START
from mlcc_core.staging.rules.messages import keys_of
from mlcc_core.staging.rules.plan import ColumnPlan
from mlcc_core.staging.rules.roles import RoleRules


def output_expr(name: str) -> pl.Expr:
    """Return a reference to a column's converted values, so that its test reuses them."""
    return pl.col(output_name(name))


def output_name(name: str) -> str:
    """Return the name of the column of converted values."""
    return f"output {name}"


@dataclass(frozen=True)
class ColumnExpr:
    """The conversion of one column in rows that are plainly valid.

    All but ``out`` may refer to :func:`output_expr`.

    Attributes:
        good: tests the rows for which ``out`` is right; ``None`` for all.
        out: the value to write.
        text: the string that is written, in which blanks are counted.
        role: of the first message, where flattening drops it.
        wraps: ``out`` is a user message made of a string.
        turns: lists of the roles and of the contents, where ``out`` is messages.
    """

    good: pl.Expr | None
    out: pl.Expr
    text: pl.Expr | None = None
    role: pl.Expr | None = None
    wraps: bool = False
    turns: tuple[pl.Expr, pl.Expr] | None = None


def word_of(kind: Any) -> str:
    """Return the JSON type of an Arrow type as in the file, or Arrow's name if there is none."""
    if pt.is_dictionary(kind):
        return word_of(kind.value_type)
    if hasattr(kind, "storage_type"):
        return word_of(kind.storage_type)
    for test, word in (
        (is_text, "string"),
        (pt.is_null, "null"),
        (pt.is_boolean, "boolean"),
        (pt.is_integer, "number"),
        (pt.is_floating, "number"),
        (pt.is_struct, "object"),
        (is_list, "array"),
        (pt.is_map, "array"),
    ):
        if test(kind):
            return word
    return str(kind)


def could_fit(plan: ColumnPlan, kind: Any, *, flattens: bool) -> bool:
    """Return whether any value of an Arrow type, null aside, could be valid in the column.

    Args:
        plan: of the column.
        kind: as it is in the file.
        flattens: chat format is flattened in this column.
    """
    if json_shape(kind) is True:
        return True
    word = word_of(kind)
    if word == "null" or word in plan.types:
        return True
    if word == "string":
        return plan.wrap or plan.chat_text == "read"
    if word == "array" and "messages" in plan.types:
        return True
    if word == "array" and pt.is_null(kind.value_type):
        return True  # only empty arrays: an issue of each row
    return flattens and message_fields(kind) is not None


def column_expr(plan: ColumnPlan, kind: Any, value: pl.Expr) -> ColumnExpr | None:
    """Return the expressions for a column of a ready type, or ``None``: convert it row by row.

    Args:
        plan: of the column.
        kind: as ``arrow_values.ready_type`` gives it.
        value: the column.
    """
    present = value.is_not_null()
    looks = is_text(kind) and plan.chat_text != "keep"
    if looks:
        present = present & ~may_be_chat(value)
    if is_text(kind) and "string" in plan.types:
        optional = value.is_null() | present if looks else None
        good = present if plan.required else optional
        return ColumnExpr(good, value, text=output_expr(plan.name))
    if is_text(kind) and plan.wrap:
        if plan.roles is not None and not plan.roles.fit(["user"]):
            return None
        message = pl.struct(pl.lit("user").alias("role"), value.alias("content"))
        return ColumnExpr(present, pl.concat_list(message), text=value, wraps=True)
    if plan.strategy:
        return _flattened(plan, kind, value)
    if "messages" in plan.types and is_list(kind):
        return _messages(kind, value, plan.roles)
    if word_of(kind) in plan.types:
        return ColumnExpr(present if plan.required else None, value)
    return None


def may_be_chat(text: pl.Expr) -> pl.Expr:
    """Return a test of text: it may be messages, and is looked at one by one."""
    # Only text that begins like it is searched: comparing first characters takes little time.
    starts = text < "!"
    for first, after in (("[", "\\"), ("{", "|"), ("array(", "array)")):
        starts = starts | ((text >= first) & (text < after))
    few = pl.when(starts).then(text)
    few = pl.when(few.str.contains(CHAT_START)).then(text)
    return few.str.contains(CHAT_KEY).fill_null(False)


def message_fields(kind: Any) -> list[str] | None:
    """Return the fields of a type of messages (one or a list) that have role and content."""
    inner = kind.value_type if is_list(kind) else kind
    if not pt.is_struct(inner):
        return None
    names = [field.name for field in inner]
    return names if keys_of(names) and len(set(names)) == len(names) else None


def text_indices(kind: Any, names: list[str]) -> tuple[int, int] | None:
    """Return the indices of role and content among the fields, if both are strings."""
    inner = kind.value_type if is_list(kind) else kind
    keys = keys_of(names)
    if keys is None:
        return None
    role, content = (names.index(key) for key in keys)
    fine = is_text(inner.field(role).type) and is_text(inner.field(content).type)
    return (role, content) if fine else None


def _flattened(plan: ColumnPlan, kind: Any, value: pl.Expr) -> ColumnExpr | None:
    names = message_fields(kind)
    indices = text_indices(kind, names) if names else None
    if names is None or indices is None:
        return None
    single = plan.strategy in ("single_dict", "single_message")
    text = output_expr(plan.name)
    if not is_list(kind):
        role, content = value.struct[indices[0]], value.struct[indices[1]]
        good = value.is_not_null() & clean(value, len(names), indices)
        if plan.strategy == "mixed_roles":
            return ColumnExpr(good, pl.concat_str(role, pl.lit(": "), content), text=text)
        return ColumnExpr(good, content, text=text, role=role)
    count = value.list.len()
    first = value.list.first()
    role = first.struct[indices[0]]
    if single:
        good = (count == 1) & clean(first, len(names), indices)
        return ColumnExpr(good, first.struct[indices[1]], text=text, role=role)
    element = pl.element()
    content = element.struct[indices[1]]
    one_role: pl.Expr = pl.lit(True)
    if plan.strategy == "same_role":
        one_role = value.list.eval(element.struct[indices[0]]).list.n_unique() == 1
        turn = content
    else:
        turn = pl.concat_str(element.struct[indices[0]], pl.lit(": "), content)
    joined = value.list.eval(turn).list.join("\n", ignore_nulls=False)
    if len(names) == len(indices):  # then only a null within is wrong, and joining passes it on
        plain = (count > 0) & text.is_not_null() & role.is_not_null()
    else:
        plain = (count > 0) & value.list.eval(clean(element, len(names), indices)).list.all()
    keeps_role = plan.strategy == "mixed_roles"
    return ColumnExpr(plain & one_role, joined, text=text, role=None if keeps_role else role)


def clean(message: pl.Expr, fields: int, indices: tuple[int, int]) -> pl.Expr:
    """Return a test of a message: role and content are not null, and all else is."""
    good = message.struct[indices[0]].is_not_null() & message.struct[indices[1]].is_not_null()
    for index in range(fields):
        if index not in indices:
            good = good & message.struct[index].is_null()
    return good


def _messages(kind: Any, value: pl.Expr, rules: RoleRules | None) -> ColumnExpr | None:
    """Return the expressions for messages written unchanged, if their contents are strings.

    Args:
        kind: Arrow type of the column.
        value: the column.
        rules: of the messages.
    """
    names = message_fields(kind)
    if names is None or keys_of(names) != ("role", "content"):
        return None
    indices = text_indices(kind, names)
    if indices is None:
        return None
    element = pl.element()
    both = element.struct[indices[0]].is_not_null() & element.struct[indices[1]].is_not_null()
    good = (value.list.len() > 0) & value.list.eval(both).list.all()
    roles, contents = (value.list.eval(element.struct[index]) for index in indices)
    if rules is not None:
        good = good & _keep(rules, roles)
    return ColumnExpr(good, value, turns=(roles, contents))


def _keep(rules: RoleRules, roles: pl.Expr) -> pl.Expr:
    """Return a test of lists of roles: they keep the rules of their column."""
    last = roles.list.last().str.to_lowercase()
    good = ~last.is_in(rules.not_last) if rules.not_last else pl.lit(True)
    if rules.last is not None:
        good = good & last.is_in(rules.last)
    if rules.roles is not None:
        allowed = pl.element().str.to_lowercase().is_in(rules.roles)
        good = good & roles.list.eval(allowed).list.all()
    return good


def tests_of_difference(
    columns: Mapping[str, tuple[ColumnPlan | None, ColumnExpr]],
    differ: Sequence[tuple[str, str]],
) -> list[pl.Expr]:
    """Return a test for each pair of columns that are both written.

    A test that fails does not make a row wrong: its rules are looked at one by one.

    Args:
        columns: plan and expressions by name.
        differ: pairs of names.
    """
    return [
        _test(first, second, columns[first][1], columns[second][1])
        for first, second in differ
        if first in columns and second in columns
    ]


def _test(first: str, second: str, left: ColumnExpr, right: ColumnExpr) -> pl.Expr:
    one, other = output_expr(first), output_expr(second)
    absent = one.is_null() | other.is_null()
    if _is_string(left) and _is_string(right):
        return absent | (one != other)
    if left.turns is not None and right.turns is not None:
        parts = zip(left.turns, right.turns, strict=True)
        return pl.any_horizontal([absent, *(a != b for a, b in parts)])
    return absent


def _is_string(expr: ColumnExpr) -> bool:
    return expr.text is not None and not expr.wraps
