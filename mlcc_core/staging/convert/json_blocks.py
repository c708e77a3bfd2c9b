"""Blocks of JSON lines through a typed decoder.

Lines that may be invalid go one by one through ``rows.RowConverter``, which decides and words their
issues. A typed decoder that knows every key, requires each and accepts nothing else is as strict as
``strict_json`` except for duplicate keys. Those are found by counting colons: if a line has no more
of them than keys, no key is duplicate; otherwise possible ends of keys are counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter, itemgetter, methodcaller, sub
from typing import Any

import msgspec

from mlcc_core.staging.convert.json_layout import Field, JsonLayout, OutputColumn, layout_of
from mlcc_core.staging.convert.lines import convert_each, convert_lines
from mlcc_core.staging.convert.rows import RowConverter
from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.model.rows import BatchResult, Lines, Write
from mlcc_core.staging.rules.messages import BLANK_STARTS, as_message, is_blank
from mlcc_core.staging.rules.plan import ConversionPlan, Tally
from mlcc_core.staging.rules.renaming import join_texts
from mlcc_core.staging.rules.strict_json import count_colons, parse_object

FEW = 4
"""Lines that are few enough to convert one by one, where the decoder refuses one of them."""

TRIES = 10
"""Blocks whose first line is tried as the model of all rows."""

_without_colons = methodcaller("replace", b":", b"")
_KEY_END = re.compile(rb'"[ \t\r]*:')
_start = itemgetter(slice(1))
_ENCODER = msgspec.json.Encoder()
_decode_keys = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class BlockConverter:
    """Converts rows that all have the keys and the types of one record.

    Args:
        rows: converts the others.
        wanted: the converted rows will be written.
        several: as of :class:`JsonLinesConverter`.
    """

    def __init__(
        self,
        layout: JsonLayout,
        plan: ConversionPlan,
        rows: RowConverter,
        tally: Tally,
        *,
        wanted: bool,
        several: bool = False,
    ) -> None:
        self._each = partial(convert_each, converter=rows, several=several)
        self._tally = tally
        fields = layout.fields
        self._get = [attrgetter(f"c{index}") for index in range(len(fields))]
        self._joins = [parts for parts, _ in layout.joins]
        self._keys = len(fields)
        self._fields = [*fields, *(text for _, text in layout.joins)]
        self._tests = layout.tests
        self._order = [field.key for field in fields] if layout.ordered else None
        self._decode = _decoder(fields, [field.type for field in fields])
        self._decode_raw = _decoder(fields, [msgspec.Raw] * len(fields))
        self._columns = layout.columns
        self._learned = [
            (column.index, column.text)
            for column in self._columns
            if column.plan is not None
            and column.plan.column.learned
            and not (column.raw or column.whole)
        ]
        known = {*(column.name for column in layout.columns), *plan.left_out}
        known |= set(plan.rewrite.reads if plan.rewrite else ())
        self._dropped = [field.target for field in fields if field.target not in known]
        self._needs_raw = any(column.raw for column in layout.columns)
        names = {f"c{index}": column.name for index, column in enumerate(layout.columns)}
        self._out = msgspec.defstruct("Out", [(name, Any) for name in names], rename=names)
        self._wanted = wanted

    def convert(self, batch: Lines, write: Write | None) -> BatchResult:
        """Convert, write and count rows."""
        result = BatchResult(read=len(batch.texts))
        good: list[bytes] = []
        self._convert(batch, good, result)
        if good and write is not None:
            write(b"".join(good))
        return result

    def _convert(self, batch: Lines, good: list[bytes], result: BatchResult) -> None:
        lines = batch.texts
        try:
            rows = list(map(self._decode, lines))
        except (ValueError, RecursionError):
            if len(lines) <= FEW:
                self._each(batch, good=good, result=result)
                return
            half = len(lines) // 2
            self._convert(batch.part(slice(half)), good, result)
            self._convert(batch.part(slice(half, None)), good, result)
            return
        columns = [list(map(get, rows)) for get in self._get]
        for parts in self._joins:
            columns.append(list(map(join_texts, zip(*(columns[i] for i in parts), strict=True))))
        doubtful = self._doubtful(columns, lines)
        begin = 0
        for index in (*doubtful, len(lines)):
            if begin < index:
                good_columns = [values[begin:index] for values in columns]
                self._write(good_columns, lines[begin:index], good)
                result.written += index - begin
            self._each(batch.part(slice(index, index + 1)), good=good, result=result)
            begin = index + 1

    def _doubtful(self, columns: Sequence[list[Any]], lines: list[bytes]) -> list[int]:
        """Return the indices of rows that may have a duplicate key or a value that does not fit."""
        doubtful: set[int] = set()
        keys = [self._keys] * len(lines)
        for values, field in zip(columns, self._fields, strict=True):
            if field.keys is not None:
                within = map(field.keys, values)
                keys = [count + more for count, more in zip(keys, within, strict=True)]
            if field.fits is None or (field.all_fit is not None and field.all_fit(values)):
                continue
            doubtful |= _indices_of_false(map(field.fits, values))
        for left, right, test in self._tests:
            # A test takes for granted that both values fit.
            pairs = zip(columns[left], columns[right], strict=True)
            doubtful |= {
                index
                for index, (one, other) in enumerate(pairs)
                if index not in doubtful and not test(one, other)
            }
        for number, text in self._learned:
            at: Sequence[int] = range(len(lines))
            values = columns[number]
            if doubtful:
                at = sorted({*at} - doubtful)
                values = [values[index] for index in at]
            texts = values if text is None else list(map(text, values))
            if not BLANK_STARTS.isdisjoint(map(_start, texts)):
                doubtful |= {index for index, it in zip(at, texts, strict=True) if is_blank(it)}
        if self._order is not None:
            orders = map(list, map(_decode_keys, lines))
            doubtful |= _indices_of_false(map(self._order.__eq__, orders))
        colons = _colons(lines)
        if colons != keys:
            each = enumerate(zip(lines, colons, keys, strict=True))
            doubtful.update(
                index
                for index, (line, most, count) in each
                if most != count
                and len(_KEY_END.findall(line)) != count
                and count_colons(line) != count
            )
        return sorted(doubtful)

    def _write(self, read: Sequence[Sequence[Any]], lines: list[bytes], good: list[bytes]) -> None:
        columns: list[Sequence[Any]] = []
        for column in self._columns:
            values = read[column.index]
            texts = values if column.text is None else list(map(column.text, values))
            self._count(column, values, texts)
            columns.append(list(map(as_message, texts)) if column.wraps else texts)
        for name in self._dropped:
            self._tally.add_column(self._tally.dropped, name)
        if self._wanted:
            good.append(self._encode(columns, lines))

    def _encode(self, columns: list[Sequence[Any]], lines: list[bytes]) -> bytes:
        if self._needs_raw:
            raw = list(map(self._decode_raw, lines))
            columns = [
                list(map(self._get[column.index], raw)) if column.raw else values
                for column, values in zip(self._columns, columns, strict=True)
            ]
        # A carriage return can only stand between tokens; some readers take it for a line end.
        rows = list(map(self._out, *columns))  # msgspec 0.22 never frees rows of an iterator
        return _ENCODER.encode_lines(rows).replace(b"\r", b" ")

    def _count(self, column: OutputColumn, values: Sequence[Any], texts: Sequence[Any]) -> None:
        tally, plan = self._tally, column.plan
        if plan is None:
            tally.add_column(tally.kept, column.name)
            return
        tally.translated[column.name] += len(values) if column.translates else 0
        counted = not (column.raw or column.whole or plan.column.learned)
        if counted and not BLANK_STARTS.isdisjoint(map(_start, texts)):
            tally.blank[column.name] += sum(map(is_blank, texts))
        tally.wrapped[column.name] += len(values) if column.wraps else 0
        if column.role is not None and plan.role is not None:
            tally.other_role[column.name] += sum(column.role(v) != plan.role for v in values)
        if plan.column.evaluator:
            for value in values:
                if tally.knows(value):
                    tally.evaluators[value] += 1


class JsonLinesConverter:
    """Converts blocks of lines of one file by a plan.

    Args:
        renames: source to target, for this file.
        tally: counts what the rows hold.
        wanted: the converted rows will be written.
        several: a line may hold several objects, or arrays of them, which are rows.
    """

    def __init__(
        self,
        plan: ConversionPlan,
        renames: Mapping[str, str],
        tally: Tally,
        *,
        wanted: bool,
        several: bool = False,
    ) -> None:
        self._several = several
        self._plan = plan
        self._renames = renames
        self._tally = tally
        self._wanted = wanted
        self._rows = RowConverter(plan, renames, tally)
        self._typed: BlockConverter | None = None
        self._tried = 0

    def convert(self, batch: Lines, write: Write | None) -> BatchResult:
        """Convert, write and count rows."""
        checked = self._plan.check is not None  # which takes a look at each row
        if self._typed is None and batch.texts and self._tried < TRIES and not checked:
            self._tried += 1
            self._typed = self._learn(batch.texts[0])
        if self._typed is None:
            return convert_lines(batch, self._rows, write, several=self._several)
        return self._typed.convert(batch, write)

    def _learn(self, line: bytes) -> BlockConverter | None:
        try:
            record = parse_object(line)
        except RowIssue:
            return None
        layout = layout_of(record, self._plan, self._renames)
        if layout is None or not layout.columns:
            return None
        return BlockConverter(
            layout,
            self._plan,
            self._rows,
            self._tally,
            wanted=self._wanted,
            several=self._several,
        )


def _decoder(fields: Sequence[Field], types: Sequence[Any]) -> Callable[[bytes], Any]:
    names = {f"c{index}": field.key for index, field in enumerate(fields)}
    kind = msgspec.defstruct(
        "Row",
        list(zip(names, types, strict=True)),
        rename=names,
        forbid_unknown_fields=True,
        gc=False,
    )
    return msgspec.json.Decoder(kind).decode


def _colons(lines: Sequence[bytes]) -> list[int]:
    """Count the colons of each line: leaving them out takes a third of the time of ``count``."""
    return list(map(sub, map(len, lines), map(len, map(_without_colons, lines))))


def _indices_of_false(tests: Iterable[bool]) -> set[int]:
    return {index for index, fine in enumerate(tests) if not fine}
