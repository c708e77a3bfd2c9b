"""What columns hold beside what is written: counted batch by batch, told at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from mlcc_core.staging.chat import BLANKS
from mlcc_core.staging.expressions import Fast, made
from mlcc_core.staging.plan import OBJECT_FORM, ColumnPlan, Tally

_FIRST_VISIBLE = "!"
_FIRST_WIDE = "\u0080"
"""No string of ``BLANKS`` begins with a character from one to the other."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was met in one column of rows that are written.

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


def counted(column: ColumnPlan, way: Fast, kept: pl.DataFrame) -> Counts:
    """What is met in a column.

    Args:
        kept: rows that are written: all columns, and what is made of them.
    """
    values = kept.select(made(column.name)).to_series()
    evaluators: Sequence[tuple[str, int]] = ()
    objects = 0
    if column.column.evaluator and way.text is not None:
        evaluators = values.drop_nulls().value_counts(sort=True).rows()
    elif column.column.evaluator:
        objects = values.len() - values.null_count()
    blank = other = 0
    if way.text is not None:
        # Only what begins like a blank is looked at whole.
        starts = (way.text < _FIRST_VISIBLE) | (way.text >= _FIRST_WIDE)
        blank = _sum(kept, way.text.filter(starts).str.strip_chars(BLANKS) == "")
    if way.role is not None and column.role is not None:
        other = _sum(kept, way.role != column.role)
    wrapped = values.len() if way.wraps else 0
    return Counts(column.name, blank, other, wrapped, evaluators, objects)


def _sum(frame: pl.DataFrame, test: pl.Expr) -> int:
    return int(frame.select(test.sum()).item())
