"""Columns made of others as Polars expressions: which rows they plainly fit, and their output.

As in ``expressions``, every other row goes through ``rows.RowConverter``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.types as pt

from mlcc_core.staging.convert.expressions import (
    ColumnExpr,
    clean,
    message_fields,
    output_expr,
    text_indices,
)
from mlcc_core.staging.model.column_map import Join
from mlcc_core.staging.read.arrow_values import is_list, is_text
from mlcc_core.staging.rules.column_rewrite import ColumnRewrite
from mlcc_core.staging.rules.messages import ANSWERING, BLANKS
from mlcc_core.staging.rules.prompt_extraction import TOOL_ROLES
from mlcc_core.staging.rules.renaming import BETWEEN, Renaming

Columns = Mapping[str, tuple[Any, pl.Expr]]
"""Ready Arrow type and values by name, after rename."""


VISIBLE = "[^" + "".join(rf"\x{{{ord(sign):x}}}" for sign in BLANKS) + "]"
"""A regular expression for a character that is not blank."""


def joined(parts: Sequence[pl.Expr]) -> pl.Expr:
    """Return what :func:`join_texts` makes of columns of strings.

    Args:
        parts: in the order of their texts.
    """
    texts = [pl.when(_has_text(part)).then(part) for part in parts]
    given = pl.any_horizontal([part.is_not_null() for part in parts])
    return pl.when(given).then(pl.concat_str(texts, separator=BETWEEN, ignore_nulls=True))


def _has_text(part: pl.Expr) -> pl.Expr:
    """Return a test of strings: they are not blank."""
    # Only text that begins like a blank is searched: comparing first characters takes little time.
    plain = (part >= "!") & (part < "\u0080")
    few = pl.when(~plain & (part != "")).then(part)
    return plain | few.str.contains(VISIBLE).fill_null(False)


def renamed(
    sources: Mapping[str, tuple[Any, pl.Expr]], renaming: Renaming, joins: Sequence[Join]
) -> tuple[Columns, list[pl.Expr]] | None:
    """Return the columns after rename, and the joined texts that they refer to.

    Args:
        sources: ready Arrow type and values by name in the file.
        renaming: what becomes of the names.
        joins: columns that become one.

    Returns:
        ``None`` where rows have to be looked at one by one: a part is not text.
    """
    columns: dict[str, tuple[Any, pl.Expr]] = {}
    for source, (kind, value) in sources.items():
        target = renaming.target(source)
        if target is None:
            continue
        if not renaming.is_part(source):
            columns[target] = (kind, value)
        elif target not in columns:
            columns[target] = (pa.large_string(), pl.col(_joined_name(target)))
    texts: list[pl.Expr] = []
    for join in joins:
        if join.target not in columns:
            continue
        parts = [sources[name] for name in join.sources if name in sources]
        parts = [(kind, value) for kind, value in parts if not pt.is_null(kind)]
        if not parts or not all(is_text(kind) for kind, _ in parts):
            return None
        text = joined([value for _, value in parts])
        texts.append(text.alias(_joined_name(join.target)))
    return columns, texts


def _joined_name(target: str) -> str:
    return f"joined {target}"


@dataclass(frozen=True)
class Conversations:
    """A column of conversations: lists of messages whose role and content are strings.

    Attributes:
        value: the lists.
        indices: of role and content among a message's fields.
        fields: number of a message's fields.
    """

    value: pl.Expr
    indices: tuple[int, int]
    fields: int

    def good(self) -> pl.Expr:
        """Return a test: at least two messages, no tools, an answer last."""
        role = pl.element().struct[self.indices[0]]
        plain = clean(pl.element(), self.fields, self.indices) & ~role.is_in(TOOL_ROLES)
        last = self.value.list.last().struct[self.indices[0]]
        return (
            (self.value.list.len() >= 2)
            & self.value.list.eval(plain).list.all()
            & last.str.to_lowercase().is_in(ANSWERING)
        )

    def before(self, part: pl.Expr) -> pl.Expr:
        """Return a list of ``part`` of each message but the last.

        Args:
            part: an expression over one message.
        """
        return self.value.list.head(self.value.list.len() - 1).list.eval(part)

    def role(self) -> pl.Expr:
        return pl.element().struct[self.indices[0]]

    def content(self) -> pl.Expr:
        return pl.element().struct[self.indices[1]]

    def answer(self) -> pl.Expr:
        return self.value.list.last().struct[self.indices[1]]

    def prompt(self) -> pl.Expr:
        """Return all messages but the answer as one text."""
        turn = pl.concat_str(self.role(), pl.lit(": "), self.content())
        return (
            pl.when(self.value.list.len() == 2)
            .then(self.value.list.first().struct[self.indices[1]])
            .otherwise(self.before(turn).list.join("\n"))
        )


def rewritten(rewrite: ColumnRewrite, columns: Columns) -> dict[str, ColumnExpr] | None:
    """Return the expressions for the columns that a rewrite makes; ``None``: go row by row."""
    if "preferred_output" in rewrite.reads or any(rewrite.lists.values()):
        return None
    return _extracted(columns) if "chosen" in rewrite.makes else _from_messages(columns)


def _from_messages(columns: Columns) -> dict[str, ColumnExpr] | None:
    turns = _turns(columns, "messages")
    if turns is None:
        return None
    tests = (
        turns.good(),
        _none(columns, "tools"),
        _same(columns, "prompt", turns),
        _same(columns, "completion"),
    )
    good = _all(*tests)
    if good is None:
        return None
    return {
        "prompt": ColumnExpr(good, turns.prompt(), text=output_expr("prompt")),
        "completion": ColumnExpr(good, turns.answer(), text=output_expr("completion")),
    }


def _extracted(columns: Columns) -> dict[str, ColumnExpr] | None:
    left, right = _turns(columns, "chosen"), _turns(columns, "rejected")
    if left is None or right is None:
        return None
    shared = (
        (left.value.list.len() == right.value.list.len())
        & (left.before(left.role()) == right.before(right.role()))
        & (left.before(left.content()) == right.before(right.content()))
    )
    good = _all(left.good(), right.good(), shared, _same(columns, "prompt", left))
    if good is None:
        return None
    return {
        "prompt": ColumnExpr(good, left.prompt(), text=output_expr("prompt")),
        "chosen": ColumnExpr(good, left.answer(), text=output_expr("chosen")),
        "rejected": ColumnExpr(good, right.answer(), text=output_expr("rejected")),
    }


def _turns(columns: Columns, name: str) -> Conversations | None:
    kind, value = columns.get(name, (None, pl.lit(None)))
    names = message_fields(kind) if kind is not None and is_list(kind) else None
    indices = text_indices(kind, names) if names else None
    return Conversations(value, indices, len(names)) if names and indices else None


def _none(columns: Columns, name: str) -> pl.Expr | None:
    """Return a test: a column is empty; ``None`` where that takes a look at each row."""
    if name not in columns:
        return pl.lit(True)
    kind, value = columns[name]
    if is_list(kind):
        return value.is_null() | (value.list.len() == 0)
    return value.is_null() | (value == "") if is_text(kind) else None


def _same(columns: Columns, name: str, turns: Conversations | None = None) -> pl.Expr | None:
    """Return a test: a column is null or agrees with what is made of a conversation.

    ``None`` where that takes a look at each row.
    """
    if name not in columns:
        return pl.lit(True)
    kind, given = columns[name]
    if not is_text(kind):
        return None
    same = given.is_null() | (given == output_expr(name))
    return same | turns.before(turns.content()).list.contains(given) if turns else same


def _all(*tests: pl.Expr | None) -> pl.Expr | None:
    known = [test for test in tests if test is not None]
    return pl.all_horizontal(known).fill_null(False) if len(known) == len(tests) else None
