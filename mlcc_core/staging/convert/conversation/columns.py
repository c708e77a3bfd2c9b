"""Whole conversations as Polars expressions: messages of role and content alone.

Every other row (tools, reasoning, weights, text to read) goes through ``rows.RowConverter``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from mlcc_core.contract.technique.row_rules import ROLES
from mlcc_core.staging.convert.expressions import (
    ColumnExpr,
    clean,
    message_fields,
    text_indices,
)
from mlcc_core.staging.read.arrow_values import is_list, is_text
from mlcc_core.staging.rules.column_rewrite import ColumnRewrite
from mlcc_core.staging.rules.conversation.whole import SYSTEM
from mlcc_core.staging.rules.messages import KEY_PAIRS, keys_of

NO_TOOLS = ("", "[]", "{}", "null")
"""Text of tools that says nothing, among other ways to write it."""


def whole_conversations(
    rewrite: ColumnRewrite, columns: Mapping[str, tuple[Any, pl.Expr]]
) -> dict[str, ColumnExpr] | None:
    """Return the expressions for a column of conversations; ``None``: convert row by row.

    Tools are left out: no row in which there are any is plainly right.

    Args:
        rewrite: that makes the conversation.
        columns: ready Arrow type and values by name, after rename.
    """
    name, *others = rewrite.reads
    kind, value = columns.get(name, (None, None))
    names = message_fields(kind) if kind is not None and is_list(kind) else None
    indices = text_indices(kind, names) if names else None
    if value is None or names is None or indices is None or keys_of(names) != KEY_PAIRS[0]:
        return None
    element = pl.element()
    role, content = element.struct[indices[0]], element.struct[indices[1]]
    plain = clean(element, len(names), indices) & role.is_in(ROLES)
    tests = [
        value.list.len() > 0,
        value.list.eval(plain).list.all(),
        value.list.eval(role == "assistant").list.any(),
    ]
    for other in others:
        if other in columns:
            nothing = _says_nothing(other, *columns[other])
            if nothing is None:
                return None
            tests.append(nothing)
    written = pl.struct(role.alias("role"), content.alias("content"))
    out = value if tuple(names) == KEY_PAIRS[0] else value.list.eval(written)
    return {name: ColumnExpr(pl.all_horizontal(tests).fill_null(False), out)}


def _says_nothing(name: str, kind: Any, value: pl.Expr) -> pl.Expr | None:
    """Return a test of a column beside the messages; ``None``: look at each row."""
    if is_list(kind):
        return value.is_null() | (value.list.len() == 0)
    if not is_text(kind):
        return value.is_null()
    return value.is_null() | value.is_in(("",) if name in SYSTEM else NO_TOOLS)
