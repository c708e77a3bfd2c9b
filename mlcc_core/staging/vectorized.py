"""Record batches converted as columns; only rows that are not surely fine are looked at singly."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import polars as pl
import pyarrow as pa

from mlcc_core.errors import MlccError
from mlcc_core.staging.arrow_values import has_floats, non_finite, ready, ready_type
from mlcc_core.staging.chat import BLANKS
from mlcc_core.staging.expressions import Fast, fast
from mlcc_core.staging.faults import Fault, RowFaults
from mlcc_core.staging.outcome import BadRow, Outcome
from mlcc_core.staging.plan import OBJECT_FORM, ColumnPlan, Plan, Tally
from mlcc_core.staging.rows import RowConverter
from mlcc_core.staging.tables import TableBatch


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
        self, plan: Plan, schema: pa.Schema, renames: Mapping[str, str], tally: Tally
    ) -> None:
        self._plan = plan
        self._tally = tally
        self._rows = RowConverter(plan, {}, tally)
        targets = [(name, renames.get(name, name)) for name in schema.names]
        needed = {column.name for column in plan.columns}
        needed |= set(plan.repair.reads if plan.repair else ())
        kept = [pair for pair in targets if pair[1] in needed or plan.keep_other]
        if not plan.keep_other:
            tally.dropped.update(dict.fromkeys(t for _, t in targets if t not in needed))
        self.columns = [source for source, _ in kept]
        self._names = [target for _, target in kept]
        self._types = [ready_type(schema.field(source).type) for source in self.columns]
        self._fast = None if plan.repair else self._expressions()

    def _expressions(self) -> dict[str, tuple[ColumnPlan | None, Fast]] | None:
        """Name and expressions of each column to write, in order; ``None``: all row by row."""
        found: dict[str, tuple[ColumnPlan | None, Fast]] = {}
        for column in self._plan.columns:
            if column.name not in self._names:
                if column.required:
                    return None
                continue
            place = self._names.index(column.name)
            way = fast(column, self._types[place], pl.col(_inner(place)))
            if way is None:
                return None
            found[column.name] = (column, way)
        for place, name in enumerate(self._names):
            if name not in found:
                found[name] = (None, Fast(None, pl.col(_inner(place))))
        return found

    def convert(self, batch: TableBatch) -> Outcome:
        """What becomes of the rows of a batch; none of them is lost.

        Raises:
            MlccError: a value that its type allows but that cannot be written.
        """
        try:
            return self._convert(batch)
        except (pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException) as e:
            raise MlccError(
                f"A value in rows {batch.numbers[0]} to {batch.numbers[-1]} cannot be written as "
                f"JSON: {str(e).splitlines()[0] if str(e) else type(e).__name__}.",
                hint="write its column as text",
            ) from e

    def _convert(self, batch: TableBatch) -> Outcome:
        outcome = Outcome(read=batch.rows.num_rows + len(batch.bad), bad=list(batch.bad))
        arrays, places = self._presentable(batch, outcome)
        table = pa.table(dict(zip(map(_inner, range(len(arrays))), arrays, strict=True)))
        frame = cast(pl.DataFrame, pl.from_arrow(table))
        if self._fast is None:
            lines = self._encode(frame).splitlines(keepends=True)
            self._singly(lines, [batch.numbers[place] for place in places], outcome)
            outcome.bad.sort(key=lambda row: row.number)
            return outcome
        good = self._surely_good(frame)
        if good.all():
            outcome.add(self._convert_good(frame), frame.height)
            return outcome
        rest = iter(self._encode(frame.filter(~good)).splitlines(keepends=True))
        fine = iter(self._convert_good(frame.filter(good)).splitlines(keepends=True))
        for place, is_good in zip(places, good, strict=True):
            if is_good:
                outcome.add(next(fine), 1)
            else:
                self._singly([next(rest)], [batch.numbers[place]], outcome)
        outcome.bad.sort(key=lambda row: row.number)
        return outcome

    def _surely_good(self, frame: pl.DataFrame) -> pl.Series:
        tests = [way.good for _, way in self._fast.values() if way.good is not None]  # type: ignore[union-attr]
        if not tests:
            return pl.repeat(True, frame.height, eager=True)
        return frame.select(pl.all_horizontal(tests).fill_null(False)).to_series()

    def _presentable(self, batch: TableBatch, outcome: Outcome) -> tuple[list[Any], Sequence[int]]:
        """The columns ready for JSON, without rows that have no form there, and their places."""
        faults: dict[int, list[Fault]] = {}
        arrays: list[Any] = []
        for name, array in zip(self._names, batch.rows.columns, strict=True):
            for place in _not_utf8(array):
                faults.setdefault(place, []).append(
                    Fault("bytes that are not UTF-8", "UTF-8 text", column=name)
                )
            arrays.append(array)
        places: Sequence[int] = range(batch.rows.num_rows)
        if faults:
            places = [place for place in places if place not in faults]
            arrays = [array.take(pa.array(places, pa.int64())) for array in arrays]
        arrays = [ready(array) for array in arrays]
        unfit = dict(self._non_finite(arrays))
        for place, fault in unfit.items():
            faults[places[place]] = [fault]
        if unfit:
            fit = [place for place in range(len(places)) if place not in unfit]
            arrays = [array.take(pa.array(fit, pa.int64())) for array in arrays]
            places = [places[place] for place in fit]
        for place in sorted(faults):
            outcome.bad.append(BadRow(batch.numbers[place], b"", faults[place]))
        return arrays, places

    def _non_finite(self, arrays: list[Any]) -> Iterator[tuple[int, Fault]]:
        for name, kind, array in zip(self._names, self._types, arrays, strict=True):
            if has_floats(kind):
                for place in non_finite(array).to_pylist():
                    yield place, Fault("NaN or an infinity", "a finite number", column=name)

    def _encode(self, frame: pl.DataFrame) -> bytes:
        """The rows as they were read, renamed, as JSON lines."""
        return _json_lines(frame, self._names)

    def _singly(self, lines: list[bytes], numbers: list[int], outcome: Outcome) -> None:
        for line, number in zip(lines, numbers, strict=True):
            try:
                outcome.add(self._rows.convert(line), 1)
            except RowFaults as error:
                outcome.bad.append(BadRow(number, line.rstrip(b"\n"), error.faults))

    def _convert_good(self, frame: pl.DataFrame) -> bytes:
        ways = cast("dict[str, tuple[ColumnPlan | None, Fast]]", self._fast)
        written = frame.select(
            way.out.alias(_inner(place)) for place, (_, way) in enumerate(ways.values())
        )
        for place, (column, way) in enumerate(ways.values()):
            if column is not None:
                self._count(column, way, frame, written[_inner(place)])
        return _json_lines(written, list(ways))

    def _count(self, column: ColumnPlan, way: Fast, frame: pl.DataFrame, out: pl.Series) -> None:
        tally, name = self._tally, column.name
        if way.wraps:
            tally.wrapped[name] += out.len()
            out = out.list.first().struct.field("content")
        if way.text or way.wraps:
            tally.blank[name] += int((out.str.strip_chars(BLANKS) == "").sum())
        if way.role is not None and column.role is not None:
            roles = frame.select(way.role).to_series()
            tally.other_role[name] += int((roles != column.role).sum())
        if column.column.evaluator and way.text:
            for value, rows in out.drop_nulls().value_counts(sort=True).iter_rows():
                if tally.knows(value):
                    tally.evaluators[value] += rows
        elif column.column.evaluator:
            tally.kinds[OBJECT_FORM] += out.len() - out.null_count()


def _inner(place: int) -> str:
    """A column's name while it is converted: Polars takes some names for patterns."""
    return f"c{place}"


def _json_lines(frame: pl.DataFrame, names: Sequence[str]) -> bytes:
    named = frame.clone()
    named.columns = list(names)
    buffer = io.BytesIO()
    named.write_ndjson(buffer)
    return buffer.getvalue()


def _not_utf8(array: Any) -> list[int]:
    """Places of values with text that is not UTF-8: Parquet files may hold it."""
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return [place for place in range(len(array)) if not _is_valid(array.slice(place, 1))]
    return []


def _is_valid(array: Any) -> bool:
    try:
        # Taken, not sliced: validation looks at all that a slice's buffers hold.
        array.take(pa.array([0])).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
