"""Counts of what columns hold beside what is written: made batch by batch, told at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from mlcc_core.staging.convert.expressions import ColumnExpr, output_name
from mlcc_core.staging.rules.messages import BLANKS
from mlcc_core.staging.rules.plan import OBJECT_FORM, ColumnPlan, Tally

_FIRST_VISIBLE = "!"
_FIRST_WIDE = "\u0080"
"""No string of ``BLANKS`` begins with a character from one to the other."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one column, over rows that are written.

    Attributes:
        name: of the column.
        blank: rows with an empty or blank string.
        other_role: rows whose dropped role is not the first record's.
        wrapped: rows whose string became a user message.
        evaluators: rows by evaluator; ``objects`` have one that is no string.
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
    """Counts what is met in columns of the schema.

    Args:
        ways: plan and expressions of each.
    """

    def __init__(self, ways: Sequence[tuple[ColumnPlan, ColumnExpr]]) -> None:
        self._ways = ways
        self._tests = [test for column, way in ways for test in _tests(column, way)]

    def count(self, kept: pl.DataFrame) -> list[Counts]:
        """Count in rows that are written.

        Args:
            kept: all their columns, and what is made of them.
        """
        rows = kept.select(self._tests).row(0, named=True) if self._tests else {}
        found: list[Counts] = []
        for column, way in self._ways:
            name = column.name
            evaluators: Sequence[tuple[str, int]] = ()
            objects = 0
            if column.column.evaluator:
                values = kept.get_column(output_name(name))
                if way.text is not None:
                    evaluators = values.drop_nulls().value_counts(sort=True).rows()
                else:
                    objects = values.len() - values.null_count()
            blank, other = rows.get(f"blank {name}", 0), rows.get(f"other {name}", 0)
            wrapped = kept.height if way.wraps else 0
            found.append(Counts(name, blank, other, wrapped, evaluators, objects))
        return found


def _tests(column: ColumnPlan, way: ColumnExpr) -> Iterator[pl.Expr]:
    """Numbers of rows; all in one go, as each go has its price."""
    if way.text is not None:
        # Only what begins like a blank is looked at whole.
        starts = (way.text < _FIRST_VISIBLE) | (way.text >= _FIRST_WIDE)
        blank = way.text.filter(starts).str.strip_chars(BLANKS) == ""
        yield blank.sum().alias(f"blank {column.name}")
    if way.role is not None and column.role is not None:
        yield (way.role != column.role).sum().alias(f"other {column.name}")
