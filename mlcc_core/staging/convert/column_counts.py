"""Tests of values that say nothing, and counts of blanks, roles and evaluators, batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow.types as pt

from mlcc_core.staging.convert.expressions import ColumnExpr, output_name
from mlcc_core.staging.read.arrow_values import NoJsonForm, is_list, is_text, ready_type
from mlcc_core.staging.rules.context import NO_TEXT
from mlcc_core.staging.rules.messages import BLANKS
from mlcc_core.staging.rules.plan import OBJECT_FORM, ColumnPlan, Tally

_FIRST_VISIBLE = "!"
_FIRST_WIDE = "\u0080"
"""No string of ``BLANKS`` begins with a character between the two."""

_VISIBLE = "[^" + "".join(f"\\x{{{ord(sign):x}}}" for sign in BLANKS) + "]"
"""A pattern of Rust's regular expressions."""


def may_have_text(kind: Any) -> bool:
    """Return whether values of an Arrow type may have text in them, at any depth."""
    try:
        kind = ready_type(kind)
    except NoJsonForm:
        return False
    if is_list(kind):
        return may_have_text(kind.value_type)
    return is_text(kind) or (pt.is_struct(kind) and any(may_have_text(f.type) for f in kind))


def says_nothing(kind: Any, value: pl.Expr) -> pl.Expr:
    """Return a test of values that plainly have no text in them.

    A row that fails it is looked at alone, and may still have none.

    Args:
        kind: ready Arrow type of the column.
        value: the column.
    """
    if is_text(kind):
        return value.is_null() | (value == "") | value.is_in(NO_TEXT)
    if is_list(kind):
        return value.is_null() | (value.list.len() == 0)
    return value.is_null()


def tests_of_learning(exprs: Iterable[tuple[ColumnPlan | None, ColumnExpr]]) -> list[pl.Expr]:
    """Return a test for each text that is to be learned: there is one."""
    return [
        expr.text.str.contains(_VISIBLE)
        for plan, expr in exprs
        if plan is not None and plan.column.learned and expr.text is not None
    ]


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one column, over rows that are written.

    Attributes:
        name: of the column.
        blank: rows with an empty or blank string.
        other_role: rows whose dropped role is not the first record's.
        wrapped: rows whose string became a user message.
        evaluators: rows by evaluator.
        objects: rows whose evaluator is an object.
    """

    name: str
    blank: int
    other_role: int
    wrapped: int
    evaluators: Sequence[tuple[str, int]]
    objects: int

    def add_to(self, tally: Tally) -> None:
        tally.wrapped[self.name] += self.wrapped
        tally.blank[self.name] += self.blank
        tally.other_role[self.name] += self.other_role
        for value, rows in self.evaluators:
            if tally.knows(value):
                tally.evaluators[value] += rows
        tally.kinds[OBJECT_FORM] += self.objects


class ColumnCounter:
    """Counts what columns of the schema hold.

    Args:
        columns: plan and expressions of each.
    """

    def __init__(self, columns: Sequence[tuple[ColumnPlan, ColumnExpr]]) -> None:
        self._columns = columns
        self._tests = [test for column, expr in columns for test in _tests(column, expr)]

    def count(self, kept: pl.DataFrame) -> list[Counts]:
        """Count in rows that are written.

        Args:
            kept: all their columns, and the output of each.
        """
        rows = kept.select(self._tests).row(0, named=True) if self._tests else {}
        found: list[Counts] = []
        for column, expr in self._columns:
            name = column.name
            evaluators: Sequence[tuple[str, int]] = ()
            objects = 0
            if column.column.evaluator:
                values = kept.get_column(output_name(name))
                if expr.text is not None:
                    evaluators = values.drop_nulls().value_counts(sort=True).rows()
                else:
                    objects = values.len() - values.null_count()
            blank, other = rows.get(f"blank {name}", 0), rows.get(f"other {name}", 0)
            wrapped = kept.height if expr.wraps else 0
            found.append(Counts(name, blank, other, wrapped, evaluators, objects))
        return found


def _tests(column: ColumnPlan, expr: ColumnExpr) -> Iterator[pl.Expr]:
    """Yield counts of rows, to be made in one query: each query has a fixed cost."""
    if expr.text is not None and not column.column.learned:
        # Only strings that begin like a blank are tested as a whole.
        starts = (expr.text < _FIRST_VISIBLE) | (expr.text >= _FIRST_WIDE)
        blank = expr.text.filter(starts).str.strip_chars(BLANKS) == ""
        yield blank.sum().alias(f"blank {column.name}")
    if expr.role is not None and column.role is not None:
        yield (expr.role != column.role).sum().alias(f"other {column.name}")
