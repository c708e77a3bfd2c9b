"""Blocks of JSON lines through a typed decoder: only lines that are not surely fine are looked at
singly, by ``rows.RowConverter``, which decides and words what is wrong with them.

A typed decoder that knows every key, requires each and takes nothing else is as strict as
``strict_json`` but for keys that come twice. Those are found by counting over the whole block what
may be the end of a key: no more of them than the rows have keys, and no key came twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec

from mlcc_core.staging.chat import BLANKS, KEY_PAIRS, Strategy, is_blank, join_turns
from mlcc_core.staging.faults import Fault, RowFaults
from mlcc_core.staging.lines import Lines
from mlcc_core.staging.outcome import BadRow, Outcome, convert_lines
from mlcc_core.staging.plan import ColumnPlan, Plan, Tally
from mlcc_core.staging.rows import RowConverter
from mlcc_core.staging.strict_json import count_colons, count_keys, parse_object

FEW = 4
"""Lines among which the one that the decoder refuses is not searched any further."""

TRIES = 10
"""Blocks whose first line is asked what the rows are like."""

_KEY_END = re.compile(rb'"[ \t\r]*:')
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True)
class Field:
    """A key of the rows.

    Attributes:
        key: as it is in the file.
        target: the column that it becomes.
        type: what the decoder is told.
        keys: how many keys a value has within; ``None``: none.
        fits: whether a value of the type is fine; ``None``: all are.
        text: what flattening makes of it; ``None``: its own bytes are written.
        role: that flattening drops.
        plan: the schema's column, if it is one.
    """

    key: str
    target: str
    type: Any
    keys: Callable[[Any], int] | None = None
    fits: Callable[[Any], bool] | None = None
    text: Callable[[Any], str] | None = None
    role: Callable[[Any], str] | None = None
    plan: ColumnPlan | None = None


class TypedRows:
    """Converts rows that all have the keys, and the types, of one record.

    Args:
        rows: converts the others.
        write: whether the converted rows are wanted.
    """

    def __init__(
        self, fields: Sequence[Field], plan: Plan, rows: RowConverter, tally: Tally, *, write: bool
    ) -> None:
        self._rows = rows
        self._tally = tally
        self._fields = [(attrgetter(f"c{place}"), field) for place, field in enumerate(fields)]
        self._decode = _decoder(fields, [field.type for field in fields])
        self._decode_raw = _decoder(fields, [msgspec.Raw] * len(fields))
        order = [column.name for column in plan.columns]
        written = [pair for name in order for pair in self._fields if pair[1].target == name]
        if plan.keep_other:
            written += [pair for pair in self._fields if pair[1].plan is None]
        self._written = written
        names = {f"c{place}": field.target for place, (_, field) in enumerate(written)}
        self._out = msgspec.defstruct("Out", [(name, Any) for name in names], rename=names)
        self._write = write

    def convert(self, numbers: Sequence[int], lines: list[bytes]) -> Outcome:
        """What becomes of the rows of a block; none of them is lost."""
        outcome = Outcome(read=len(lines))
        good: list[bytes] = []
        self._convert(numbers, lines, good, outcome)
        if good:
            outcome.chunks = [b"".join(good)]
        return outcome

    def _convert(
        self, numbers: Sequence[int], lines: list[bytes], good: list[bytes], outcome: Outcome
    ) -> None:
        try:
            rows = list(map(self._decode, lines))
        except (ValueError, RecursionError):
            if len(lines) <= FEW:
                self._singly(numbers, lines, good, outcome)
                return
            half = len(lines) // 2
            self._convert(numbers[:half], lines[:half], good, outcome)
            self._convert(numbers[half:], lines[half:], good, outcome)
            return
        unsure = self._unsure(rows, lines)
        begin = 0
        for place in (*unsure, len(lines)):
            if begin < place:
                self._take(rows[begin:place], lines[begin:place], good)
                outcome.written += place - begin
            self._singly(numbers[place : place + 1], lines[place : place + 1], good, outcome)
            begin = place + 1

    def _singly(
        self, numbers: Sequence[int], lines: list[bytes], good: list[bytes], outcome: Outcome
    ) -> None:
        for number, line in zip(numbers, lines, strict=True):
            try:
                good.append(self._rows.convert(line))
                outcome.written += 1
            except RowFaults as error:
                outcome.bad.append(BadRow(number, line, error.faults))

    def _unsure(self, rows: list[Any], lines: list[bytes]) -> list[int]:
        """The places of rows that may have a key twice, or a value that does not fit."""
        unfit: set[int] = set()
        keys = [len(self._fields)] * len(rows)
        for get, field in self._fields:
            if field.keys is not None:
                within = map(field.keys, map(get, rows))
                keys = [count + more for count, more in zip(keys, within, strict=True)]
            if field.fits is not None:
                fits = map(field.fits, map(get, rows))
                unfit.update(place for place, fine in enumerate(fits) if not fine)
        if len(_KEY_END.findall(b"\n".join(lines))) != sum(keys):
            each = enumerate(zip(lines, keys, strict=True))
            unfit.update(place for place, (line, count) in each if count_colons(line) != count)
        return sorted(unfit)

    def _take(self, rows: list[Any], lines: list[bytes], good: list[bytes]) -> None:
        for get, field in self._fields:
            if field.plan is not None:
                self._count(field, field.plan, list(map(get, rows)))
            elif self._written and (get, field) in self._written:
                self._tally.meet_column(self._tally.kept, field.target)
            else:
                self._tally.meet_column(self._tally.dropped, field.target)
        if self._write:
            good.append(self._encode(rows, lines))

    def _encode(self, rows: list[Any], lines: list[bytes]) -> bytes:
        raw: list[Any] = list(map(self._decode_raw, lines))
        columns: list[Iterable[Any]] = [
            map(get, raw) if field.text is None else map(field.text, map(get, rows))
            for get, field in self._written
        ]
        # A carriage return can only stand between tokens; some readers take it for a line end.
        rows = list(map(self._out, *columns))  # msgspec 0.22 never frees rows of an iterator
        return _ENCODER.encode_lines(rows).replace(b"\r", b" ")

    def _count(self, field: Field, plan: ColumnPlan, values: list[Any]) -> None:
        tally, name = self._tally, plan.name
        if field.type is str or field.text is not None:
            texts = values if field.text is None else map(field.text, values)
            tally.blank[name] += sum(text[:1] in BLANKS and is_blank(text) for text in texts)
        if field.role is not None and plan.role is not None:
            tally.other_role[name] += sum(field.role(value) != plan.role for value in values)
        if plan.column.evaluator:
            for value in values:
                if tally.knows(value):
                    tally.evaluators[value] += 1


class LineConverter:
    """Converts blocks of lines of one file by a plan.

    Args:
        renames: source to target, for this file.
        tally: counts what is met.
        write: whether the converted rows are wanted.
    """

    def __init__(
        self, plan: Plan, renames: Mapping[str, str], tally: Tally, *, write: bool
    ) -> None:
        self._plan = plan
        self._renames = renames
        self._tally = tally
        self._write = write
        self._rows = RowConverter(plan, renames, tally)
        self._typed: TypedRows | None = None
        self._tried = 0

    def convert(self, batch: Lines) -> Outcome:
        """What becomes of the rows of a block; none of them is lost."""
        if self._typed is None and batch.texts and self._tried < TRIES:
            self._tried += 1
            self._typed = self._learn(batch.texts[0])
        if self._typed is None:
            return convert_lines(batch, self._rows)
        return self._typed.convert(batch.numbers, batch.texts)

    def _learn(self, line: bytes) -> TypedRows | None:
        try:
            record = parse_object(line)
        except Fault:
            return None
        fields = fields_of(record, self._plan, self._renames)
        if not fields:
            return None
        return TypedRows(fields, self._plan, self._rows, self._tally, write=self._write)


def fields_of(
    record: Mapping[str, Any], plan: Plan, renames: Mapping[str, str]
) -> list[Field] | None:
    """The fields of rows like ``record``, or ``None`` where rows have to be looked at singly."""
    columns = {column.name: column for column in plan.columns}
    fields: list[Field] = []
    for key, value in record.items():
        target = renames.get(key, key)
        column = columns.get(target)
        field = _field(key, target, value, column)
        if field is None:
            return None
        fields.append(field)
    targets = [field.target for field in fields]
    if any(not name.isprintable() or set('"\\') & set(name) for name in (*record, *targets)):
        return None  # msgspec takes no such names
    others = sum(field.plan is None for field in fields)
    if plan.repair or len(set(targets)) < len(targets) or (plan.keep_other and others > 1):
        return None  # other columns keep the order of their own row
    if any(column.required and column.name not in targets for column in plan.columns):
        return None
    return fields


def _field(key: str, target: str, value: Any, column: ColumnPlan | None) -> Field | None:
    if column is None:
        return Field(key, target, Any, keys=_keys_within)
    if isinstance(value, str):
        return Field(key, target, str, plan=column) if "string" in column.types else None
    pair = next((p for p in KEY_PAIRS if p[0] in _first(value) and p[1] in _first(value)), None)
    if pair is None or column.column.evaluator:
        return None
    message = msgspec.defstruct(
        "Message",
        [("role", str), ("content", str)],
        rename={"role": pair[0], "content": pair[1]},
        forbid_unknown_fields=True,
        gc=False,
    )
    if column.strategy is not None:
        if isinstance(value, dict):
            return _one_message(key, target, message, column)
        return _flattened(key, target, message, column, column.strategy)
    if "messages" in column.types and isinstance(value, list) and pair == KEY_PAIRS[0]:
        kind = list[message]  # type: ignore[valid-type]
        return Field(key, target, kind, keys=lambda turns: 2 * len(turns), fits=bool, plan=column)
    return None


def _first(value: Any) -> Mapping[str, Any]:
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, dict) else {}


def _one_message(key: str, target: str, message: Any, column: ColumnPlan) -> Field:
    content = attrgetter("content")
    text = (lambda turn: join_turns([(turn.role, turn.content)])) if _joins(column) else content
    return Field(
        key, target, message, lambda _: 2, None, text, role=attrgetter("role"), plan=column
    )


def _joins(column: ColumnPlan) -> bool:
    return column.strategy == "mixed_roles"


def _flattened(
    key: str, target: str, message: Any, column: ColumnPlan, strategy: Strategy
) -> Field:
    def fits(turns: list[Any]) -> bool:
        if strategy == "mixed_roles" or not turns:
            return bool(turns)
        if strategy == "same_role":
            return all(turn.role == turns[0].role for turn in turns)
        return len(turns) == 1

    def text(turns: list[Any]) -> str:
        if strategy == "mixed_roles":
            return join_turns([(turn.role, turn.content) for turn in turns])
        return "\n".join([turn.content for turn in turns])

    return Field(
        key,
        target,
        list[message],
        keys=lambda turns: 2 * len(turns),
        fits=fits,
        text=text,
        role=lambda turns: turns[0].role,
        plan=column,
    )


def _keys_within(value: Any) -> int:
    return count_keys(value) if isinstance(value, (dict, list)) else 0


def _decoder(fields: Sequence[Field], types: Sequence[Any]) -> Callable[[bytes], Any]:
    names = {f"c{place}": field.key for place, field in enumerate(fields)}
    kind = msgspec.defstruct(
        "Row",
        list(zip(names, types, strict=True)),
        rename=names,
        forbid_unknown_fields=True,
        gc=False,
    )
    return msgspec.json.Decoder(kind).decode
