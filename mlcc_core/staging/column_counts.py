"""What columns hold beside what is written: counted batch by batch, told at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from mlcc_core.staging.expressions import Fast
from mlcc_core.staging.plan import OBJECT_FORM, ColumnPlan, Tally


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


def counted(column: ColumnPlan, way: Fast, found: pl.DataFrame, name: str) -> Counts:
    """What is met in a column of a converted frame, which calls it ``name``."""

    def rows(test: str) -> int:
        return int(found[test].sum()) if test in found.columns else 0

    evaluators: Sequence[tuple[str, int]] = ()
    objects = 0
    if column.column.evaluator and way.text is not None:
        evaluators = found[name].drop_nulls().value_counts(sort=True).rows()
    elif column.column.evaluator:
        objects = found.height - found[name].null_count()
    wrapped = found.height if way.wraps else 0
    return Counts(
        column.name, rows(f"blank {name}"), rows(f"other {name}"), wrapped, evaluators, objects
    )
