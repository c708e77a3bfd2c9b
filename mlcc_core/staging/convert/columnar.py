"""Record batches converted as columns; rows that may be invalid are converted one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import polars as pl
import pyarrow as pa

from mlcc_core.staging.convert.column_counts import (
    ColumnCounter,
    Counts,
    may_have_text,
    says_nothing,
    tests_of_learning,
)
from mlcc_core.staging.convert.expressions import (
    ColumnExpr,
    column_expr,
    output_name,
    tests_of_difference,
)
from mlcc_core.staging.convert.json_text import lines_of, with_json, writable, write_lines
from mlcc_core.staging.convert.prompt_expressions import Columns, renamed
from mlcc_core.staging.convert.rows import RowConverter
from mlcc_core.staging.model.row_issues import RowIssue, RowIssues
from mlcc_core.staging.model.rows import BatchResult, InvalidRow, TableBatch, Write
from mlcc_core.staging.read.arrow_values import (
    has_floats,
    non_finite,
    not_utf8,
    ready,
    ready_type,
    without,
)
from mlcc_core.staging.read.json_values import shapes_of
from mlcc_core.staging.rules.column_rewrite import ColumnRewrite
from mlcc_core.staging.rules.plan import ColumnPlan, ConversionPlan, Tally
from mlcc_core.staging.rules.renaming import Renaming

if TYPE_CHECKING:
    from mlcc_core.staging.read.parquet.scan import Frame

PlannedColumn = tuple[ColumnPlan | None, ColumnExpr]
"""The plan of a column, if the schema has it, and its expressions."""


@dataclass(frozen=True)
class PreparedBatch:
    """Consecutive rows, the plainly valid ones converted.

    Attributes:
        read: rows that were read.
        numbers: of each row of the frame.
        invalid: rows that cannot be written as JSON.
        frame: the other rows; columns are named by their index (``c0``).
        good: a boolean for each row of the frame: it is plainly valid.
        output: the good rows, converted.
        counts: of what the good rows hold.
    """

    read: int
    numbers: Sequence[int]
    invalid: list[InvalidRow]
    frame: pl.DataFrame
    good: pl.Series
    output: pl.DataFrame | None = None
    counts: Sequence[Counts] = ()

    @property
    def is_whole(self) -> bool:
        """All rows of the frame are plainly valid."""
        return self.output is not None and self.output.height == self.frame.height


class TableConverter:
    """Converts record batches of one file by a plan.

    Args:
        schema: of the file, before rename.
        renames: source to target, for this file.
        tally: counts what the rows hold.

    Attributes:
        columns: names (before rename) that have to be read.
    """

    def __init__(
        self, plan: ConversionPlan, schema: pa.Schema, renames: Mapping[str, str], tally: Tally
    ) -> None:
        self._plan = plan
        self._tally = tally
        renaming = Renaming(renames, plan.joins, plan.left_out)
        targets = {name: renaming.target(name) for name in schema.names}
        kept = {
            name: target
            for name, target in targets.items()
            if target is not None and self._is_read(target, schema.field(name).type)
        }
        if not plan.keep_other:
            tally.dropped.update(
                dict.fromkeys(t for t in targets.values() if t is not None and t not in plan.used)
            )
        self.columns = list(kept)
        # Rows that go one by one have a join and what is left out still before them.
        moves = bool(plan.joins or plan.left_out)
        self._names = list(kept if moves else kept.values())
        self._rows = RowConverter(plan, renames if moves else {}, tally)
        kinds = [schema.field(source).type for source in self.columns]
        self._types = [ready_type(kind) for kind in kinds]
        self._json = shapes_of(self._names, kinds)
        values = (pl.col(_column(index)) for index in range(len(kept)))
        sources = dict(zip(kept, zip(self._types, values, strict=True), strict=True))
        changed = renamed(sources, renaming, plan.joins)
        columns, self._joins = changed or ({}, [])
        self._exprs = self._expressions(columns) if changed is not None else None
        exprs = self._exprs or {}
        self._outputs = [expr.out.alias(output_name(name)) for name, (_, expr) in exprs.items()]
        tests = tests_of_difference(self._exprs, plan.differ) if self._exprs else []
        tests += _tests_of_silence(plan, columns) + tests_of_learning(exprs.values())
        self._good = _good(exprs, tests)
        self._counter = ColumnCounter(
            [(plan, expr) for plan, expr in exprs.values() if plan is not None]
        )

    def _is_read(self, name: str, kind: Any) -> bool:
        plan = self._plan
        wanted = plan.keep_other or name in plan.used
        return wanted or (plan.watches(name) and may_have_text(kind))

    def _expressions(self, values: Columns) -> dict[str, PlannedColumn] | None:
        """Return the columns to write by name, in order; ``None``: convert all row by row."""
        if self._plan.check is not None or self._json:
            return None
        found: dict[str, PlannedColumn] = {}
        rewrite = self._plan.rewrite
        rewritten_columns = self._rewritten(rewrite, values) if rewrite else {}
        if rewritten_columns is None:
            return None
        made = rewrite.makes if rewrite else ()
        for column in self._plan.columns:
            expr: ColumnExpr | None = None
            if column.name in made:
                # One that is not among them has no value in a row that is plainly right.
                expr = rewritten_columns.get(column.name)
            elif column.name in values:
                expr = column_expr(column, *values[column.name])
            if expr is not None:
                found[column.name] = (column, expr)
            elif column.name not in made and (column.required or column.name in values):
                return None
        return found | self._other_columns(values)

    def _other_columns(self, values: Columns) -> dict[str, PlannedColumn]:
        """Return the columns outside the schema, which are written as they are."""
        if not self._plan.keep_other:
            return {}
        return {
            name: (None, ColumnExpr(None, value))
            for name, (_, value) in values.items()
            if name not in self._plan.used
        }

    def _rewritten(self, rewrite: ColumnRewrite, values: Columns) -> dict[str, ColumnExpr] | None:
        from mlcc_core.staging.convert.conversation.columns import whole_conversations
        from mlcc_core.staging.convert.prompt_expressions import rewritten

        whole = any("conversation" in column.types for column in self._plan.columns)
        return (whole_conversations if whole else rewritten)(rewrite, values)

    def prepare(self, batch: TableBatch | Frame) -> PreparedBatch:
        """Convert the plainly valid rows of a batch; :meth:`convert` may run in another thread.

        Raises:
            MlccError: a value that its type allows but that cannot be written.
        """
        with writable(batch.numbers):
            if not isinstance(batch, TableBatch):
                return self._prepared(batch.rows.height, batch.numbers, [], batch.rows)
            invalid = list(batch.invalid)
            arrays, indices = self._ready_for_json(batch, invalid)
            table = pa.table(dict(zip(map(_column, range(len(arrays))), arrays, strict=True)))
            numbers = batch.numbers
            if len(indices) < len(numbers):
                numbers = [numbers[index] for index in indices]
            read = batch.rows.num_rows + len(batch.invalid)
            return self._prepared(read, numbers, invalid, cast(pl.DataFrame, pl.from_arrow(table)))

    def _prepared(
        self, read: int, numbers: Sequence[int], invalid: list[InvalidRow], frame: pl.DataFrame
    ) -> PreparedBatch:
        if self._exprs is None:
            none = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
            return PreparedBatch(read, numbers, invalid, frame, none)
        columns = frame.with_columns(self._joins).with_columns(self._outputs)
        good = columns.select(self._good).to_series()
        kept = columns if good.all() else columns.filter(good)
        counts = self._counter.count(kept)
        written = kept[list(map(output_name, self._exprs))]
        return PreparedBatch(read, numbers, invalid, frame, good, written, counts)

    def convert(self, batch: PreparedBatch, write: Write | None) -> BatchResult:
        """Write and count the rows of a batch, converting those that are left.

        Raises:
            MlccError: a value that its type allows but that cannot be written.
        """
        for counts in batch.counts:
            counts.add_to(self._tally)
        with writable(batch.numbers):
            if not batch.is_whole:
                return self._convert_rest(batch, write)
            if write is not None and batch.output is not None:
                write_lines(batch.output, list(self._exprs or ()), write)
        return BatchResult(batch.read, batch.frame.height, batch.invalid)

    def _convert_rest(self, batch: PreparedBatch, write: Write | None) -> BatchResult:
        """Convert the other rows one by one, and restore the order of all."""
        done = iter(lines_of(batch.output, list(self._exprs or ())))
        left = iter(lines_of(batch.frame.filter(~batch.good), self._names))
        lines: list[bytes] = []
        for number, is_good in zip(batch.numbers, batch.good, strict=True):
            line = next(done if is_good else left)
            try:
                lines.append(line if is_good else self._convert_row(line))
            except RowIssues as error:
                batch.invalid.append(InvalidRow(number, line.rstrip(b"\n"), error.issues))
        if write is not None and lines:
            write(b"".join(lines))
        batch.invalid.sort(key=lambda row: row.number)
        return BatchResult(batch.read, len(lines), batch.invalid)

    def _convert_row(self, line: bytes) -> bytes:
        return self._rows.convert(with_json(line, self._json) if self._json else line)

    def _ready_for_json(
        self, batch: TableBatch, invalid: list[InvalidRow]
    ) -> tuple[list[Any], Sequence[int]]:
        """Return the columns ready for JSON without the rows that JSON cannot hold.

        Returns:
            The columns, and the index of each row that is left, from 0 in the batch.
        """
        issues: dict[int, list[RowIssue]] = {}
        arrays: list[Any] = []
        for name, array in zip(self._names, batch.rows.columns, strict=True):
            for index in not_utf8(array):
                issues.setdefault(index, []).append(
                    RowIssue("bytes that are not UTF-8", "UTF-8 text", column=name)
                )
            arrays.append(array)
        indices: Sequence[int] = range(batch.rows.num_rows)
        if issues:
            indices = [index for index in indices if index not in issues]
            arrays = [without(array, sorted(issues)) for array in arrays]
        arrays = [ready(array) for array in arrays]
        non_finite_rows = dict(self._non_finite(arrays))
        for index, issue in non_finite_rows.items():
            issues[indices[index]] = [issue]
        if non_finite_rows:
            arrays = [without(array, sorted(non_finite_rows)) for array in arrays]
            indices = [index for at, index in enumerate(indices) if at not in non_finite_rows]
        invalid += [
            InvalidRow(batch.numbers[index], b"", issues[index]) for index in sorted(issues)
        ]
        return arrays, indices

    def _non_finite(self, arrays: list[Any]) -> Iterator[tuple[int, RowIssue]]:
        for name, kind, array in zip(self._names, self._types, arrays, strict=True):
            if has_floats(kind):
                for index in non_finite(array).to_pylist():
                    yield index, RowIssue("NaN or an infinity", "a finite number", column=name)


def _good(exprs: Mapping[str, PlannedColumn], tests: Sequence[pl.Expr]) -> pl.Expr:
    """Return a test of rows: all their output is right."""
    tests = [*(expr.good for _, expr in exprs.values() if expr.good is not None), *tests]
    return pl.all_horizontal(tests or [pl.lit(True)]).fill_null(False)


def _tests_of_silence(plan: ConversionPlan, values: Columns) -> list[pl.Expr]:
    """Return a test for each column of context that is not written: it says nothing."""
    return [says_nothing(*pair) for name, pair in values.items() if plan.watches(name)]


def _column(index: int) -> str:
    """Return a column's name during conversion: Polars takes some names for patterns."""
    return f"c{index}"
