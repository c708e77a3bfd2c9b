"""Record batches converted as columns; only rows that are not surely fine are looked at singly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import polars as pl
import pyarrow as pa

from mlcc_core.staging.convert.column_counts import ColumnCounter, Counts
from mlcc_core.staging.convert.expressions import ColumnExpr, column_expr, output_name
from mlcc_core.staging.convert.json_text import lines_of, writable, write_lines
from mlcc_core.staging.convert.rows import RowConverter
from mlcc_core.staging.model.row_issues import RowIssue, RowIssues
from mlcc_core.staging.model.rows import BatchResult, InvalidRow, TableBatch, Write
from mlcc_core.staging.read.arrow_values import has_floats, non_finite, ready, ready_type
from mlcc_core.staging.rules.plan import ColumnPlan, ConversionPlan, Tally
from mlcc_core.staging.rules.prompt_extraction import ColumnRewrite

if TYPE_CHECKING:
    from mlcc_core.staging.read.parquet.scan import Frame

PlannedColumn = tuple[ColumnPlan | None, ColumnExpr]
"""A column's plan, if the schema has it, and its expressions."""


@dataclass(frozen=True)
class PreparedBatch:
    """Consecutive rows, looked at.

    Attributes:
        read: rows that were read.
        numbers: of each row of the frame.
        invalid: rows that have no form in JSON.
        frame: the others, by place of the column.
        good: which of them are surely fine.
        found: those, converted: what to write.
        counts: what was met in them.
    """

    read: int
    numbers: Sequence[int]
    invalid: list[InvalidRow]
    frame: pl.DataFrame
    good: pl.Series
    found: pl.DataFrame | None = None
    counts: Sequence[Counts] = ()

    @property
    def is_whole(self) -> bool:
        """All rows of the frame are surely fine."""
        return self.found is not None and self.found.height == self.frame.height


class TableConverter:
    """Converts record batches of one file by a plan.

    Args:
        schema: of the file, before rename.
        renames: source to target, for this file.
        tally: counts what is met.

    Attributes:
        columns: names (before rename) that have to be read.
    """

    def __init__(
        self, plan: ConversionPlan, schema: pa.Schema, renames: Mapping[str, str], tally: Tally
    ) -> None:
        self._plan = plan
        self._tally = tally
        self._rows = RowConverter(plan, {}, tally)
        targets = [(name, renames.get(name, name)) for name in schema.names]
        needed = {column.name for column in plan.columns}
        needed |= set(plan.rewrite.reads if plan.rewrite else ())
        kept = [pair for pair in targets if pair[1] in needed or plan.keep_other]
        if not plan.keep_other:
            tally.dropped.update(dict.fromkeys(t for _, t in targets if t not in needed))
        self.columns = [source for source, _ in kept]
        self._names = [target for _, target in kept]
        self._types = [ready_type(schema.field(source).type) for source in self.columns]
        self._fast = self._expressions()
        ways = self._fast or {}
        self._makes = [way.out.alias(output_name(name)) for name, (_, way) in ways.items()]
        self._good = _good(ways)
        self._counter = ColumnCounter(
            [(plan, way) for plan, way in ways.values() if plan is not None]
        )

    def _expressions(self) -> dict[str, PlannedColumn] | None:
        """Name and expressions of each column to write, in order; ``None``: all row by row."""
        found: dict[str, PlannedColumn] = {}
        rewrite = self._plan.rewrite
        made = self._rewritten(rewrite) if rewrite else {}
        if made is None:
            return None
        for column in self._plan.columns:
            if column.name in made:
                found[column.name] = (column, made[column.name])
                continue
            if column.name not in self._names:
                if column.required:
                    return None
                continue
            place = self._names.index(column.name)
            way = column_expr(column, self._types[place], pl.col(_inner(place)))
            if way is None:
                return None
            found[column.name] = (column, way)
        consumed = rewrite.reads if rewrite else ()
        for place, name in enumerate(self._names):
            if name not in found and name not in consumed:
                found[name] = (None, ColumnExpr(None, pl.col(_inner(place))))
        return found

    def _rewritten(self, rewrite: ColumnRewrite) -> dict[str, ColumnExpr] | None:
        from mlcc_core.staging.convert.prompt_expressions import rewritten

        values = map(pl.col, map(_inner, range(len(self._names))))
        return rewritten(
            rewrite, dict(zip(self._names, zip(self._types, values, strict=True), strict=True))
        )

    def prepare(self, batch: TableBatch | Frame) -> PreparedBatch:
        """Look at a batch as columns; may run in another thread than :meth:`convert`.

        Raises:
            MlccError: a value that its type allows but that cannot be written.
        """
        with writable(batch.numbers):
            if not isinstance(batch, TableBatch):
                return self._look(batch.rows.height, batch.numbers, [], batch.rows)
            invalid = list(batch.invalid)
            arrays, places = self._presentable(batch, invalid)
            table = pa.table(dict(zip(map(_inner, range(len(arrays))), arrays, strict=True)))
            numbers = batch.numbers
            if len(places) < len(numbers):
                numbers = [numbers[place] for place in places]
            read = batch.rows.num_rows + len(batch.invalid)
            return self._look(read, numbers, invalid, cast(pl.DataFrame, pl.from_arrow(table)))

    def _look(
        self, read: int, numbers: Sequence[int], invalid: list[InvalidRow], frame: pl.DataFrame
    ) -> PreparedBatch:
        if self._fast is None:
            none = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
            return PreparedBatch(read, numbers, invalid, frame, none)
        columns = frame.with_columns(self._makes)
        good = columns.select(self._good).to_series()
        kept = columns if good.all() else columns.filter(good)
        counts = self._counter.count(kept)
        written = kept[list(map(output_name, self._fast))]
        return PreparedBatch(read, numbers, invalid, frame, good, written, counts)

    def convert(self, batch: PreparedBatch, write: Write | None) -> BatchResult:
        """Convert the rows of a batch; none of them is lost.

        Raises:
            MlccError: a value that its type allows but that cannot be written.
        """
        for counts in batch.counts:
            counts.add_to(self._tally)
        with writable(batch.numbers):
            if not batch.is_whole:
                return self._mix(batch, write)
            if write is not None and batch.found is not None:
                write_lines(batch.found, list(self._fast or ()), write)
        return BatchResult(batch.read, batch.frame.height, batch.invalid)

    def _mix(self, batch: PreparedBatch, write: Write | None) -> BatchResult:
        """Convert the other rows one by one, and put all in order."""
        done = iter(lines_of(batch.found, list(self._fast or ())))
        left = iter(lines_of(batch.frame.filter(~batch.good), self._names))
        lines: list[bytes] = []
        for number, is_good in zip(batch.numbers, batch.good, strict=True):
            line = next(done if is_good else left)
            try:
                lines.append(line if is_good else self._rows.convert(line))
            except RowIssues as error:
                batch.invalid.append(InvalidRow(number, line.rstrip(b"\n"), error.issues))
        if write is not None and lines:
            write(b"".join(lines))
        batch.invalid.sort(key=lambda row: row.number)
        return BatchResult(batch.read, len(lines), batch.invalid)

    def _presentable(
        self, batch: TableBatch, invalid: list[InvalidRow]
    ) -> tuple[list[Any], Sequence[int]]:
        """The columns ready for JSON, without rows that have no form there, and their places."""
        issues: dict[int, list[RowIssue]] = {}
        arrays: list[Any] = []
        for name, array in zip(self._names, batch.rows.columns, strict=True):
            for place in _not_utf8(array):
                issues.setdefault(place, []).append(
                    RowIssue("bytes that are not UTF-8", "UTF-8 text", column=name)
                )
            arrays.append(array)
        places: Sequence[int] = range(batch.rows.num_rows)
        if issues:
            places = [place for place in places if place not in issues]
            arrays = [_without(array, sorted(issues)) for array in arrays]
        arrays = [ready(array) for array in arrays]
        unfit = dict(self._non_finite(arrays))
        for place, issue in unfit.items():
            issues[places[place]] = [issue]
        if unfit:
            arrays = [_without(array, sorted(unfit)) for array in arrays]
            places = [place for at, place in enumerate(places) if at not in unfit]
        invalid += [
            InvalidRow(batch.numbers[place], b"", issues[place]) for place in sorted(issues)
        ]
        return arrays, places

    def _non_finite(self, arrays: list[Any]) -> Iterator[tuple[int, RowIssue]]:
        for name, kind, array in zip(self._names, self._types, arrays, strict=True):
            if has_floats(kind):
                for place in non_finite(array).to_pylist():
                    yield place, RowIssue("NaN or an infinity", "a finite number", column=name)


def _good(ways: Mapping[str, PlannedColumn]) -> pl.Expr:
    """Return whether what is made of a row is right."""
    tests = [way.good for _, way in ways.values() if way.good is not None]
    return pl.all_horizontal(tests or [pl.lit(True)]).fill_null(False)


def _inner(place: int) -> str:
    """A column's name while it is converted: Polars takes some names for patterns."""
    return f"c{place}"


def _without(array: Any, places: Sequence[int]) -> Any:
    """A copy without some rows; Arrow takes and filters no views."""
    starts, ends = (0, *(place + 1 for place in places)), (*places, len(array))
    runs = zip(starts, ends, strict=True)
    return pa.concat_arrays([array.slice(start, end - start) for start, end in runs])


def _not_utf8(array: Any) -> list[int]:
    """Places of values with text that is not UTF-8: Parquet files may hold it."""
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        if isinstance(array, pa.DictionaryArray):
            array = array.dictionary_decode()  # each row would be blamed for all the values
        return [place for place in range(len(array)) if not _is_valid(array.slice(place, 1))]
    return []


def _is_valid(array: Any) -> bool:
    try:
        # A copy: validation looks at all that a slice's buffers hold.
        _without(array, ()).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
