"""CSV and TSV as record batches: every value a string, empty is "", nothing is guessed."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice

import pyarrow as pa

from mlcc_core.errors import MlccError
from mlcc_core.staging.faults import Fault, FileFault
from mlcc_core.staging.formats import BOM, Format
from mlcc_core.staging.lines import LONGEST, too_long
from mlcc_core.staging.outcome import BadRow
from mlcc_core.staging.tables import BATCH_BYTES, BATCH_ROWS, TableBatch, unique_names

DELIMITERS = {"csv": ",", "tsv": "\t"}


class DelimitedRows:
    """A CSV or TSV file with a header, quoted as RFC 4180 has it; blank lines do not count."""

    unit = "line"
    count: int | None = None

    def __init__(self, source: Iterator[bytes], name: str, form: Format) -> None:
        csv.field_size_limit(LONGEST)
        self.format = form
        self._name = name
        self._text = _Lines(source, name)
        self._reader = csv.reader(self._text, delimiter=DELIMITERS[form], strict=True)
        header = next(self._records(), (1, []))[1]
        for place, column in enumerate(header, 1):
            if not column:
                raise MlccError(
                    f"{name}: the header's field {place} is empty, expected a name.",
                    hint="write a name for each column on the first line",
                )
        unique_names(header, name)
        self.schema = pa.schema([(column, pa.string()) for column in header])

    def batches(self, columns: Sequence[str], limit: int | None = None) -> Iterator[TableBatch]:
        names = self.schema.names
        places = [names.index(column) for column in columns]
        schema = pa.schema([self.schema.field(column) for column in columns])
        records = self._records()
        fault: FileFault | None = None
        while fault is None:
            numbers, rows, bad, fault = self._take(records, limit or BATCH_ROWS)
            if not numbers and not bad:
                break
            arrays = [pa.array([row[place] for row in rows], pa.string()) for place in places]
            yield TableBatch(numbers, pa.RecordBatch.from_arrays(arrays, schema=schema), bad)
        if fault is not None:
            raise fault

    def _take(
        self, records: Iterator[tuple[int, list[str]]], limit: int
    ) -> tuple[list[int], list[list[str]], list[BadRow], FileFault | None]:
        numbers: list[int] = []
        rows: list[list[str]] = []
        bad: list[BadRow] = []
        width = len(self.schema.names)
        size = 0
        try:
            for number, row in islice(records, limit):
                size += sum(map(len, row))
                if len(row) == width:
                    numbers.append(number)
                    rows.append(row)
                else:
                    bad.append(self._ragged(number, row))
                if size > BATCH_BYTES:
                    break
        except FileFault as fault:
            return numbers, rows, bad, fault
        return numbers, rows, bad, None

    def _ragged(self, number: int, row: list[str]) -> BadRow:
        found = f"{len(row)} field{'s' * (len(row) != 1)}"
        fault = Fault(found, f"{len(self.schema.names)}, as in the header")
        return BadRow(number, DELIMITERS[self.format].join(row).encode(), [fault])

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        while True:
            begin = self._text.number + 1
            try:
                row = next(self._reader, None)
            except csv.Error as error:
                raise FileFault(begin, f"text that is no table ({error})", _QUOTED) from None
            if row is None:
                return
            if row:
                yield begin, row


_QUOTED = 'fields with a quote, delimiter or line break in "double quotes"'


class _Lines:
    """The lines of the text, decoded; ``number`` is the last one given out."""

    def __init__(self, source: Iterator[bytes], name: str) -> None:
        self._lines = _split(source, name)
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = next(self._lines)
        self.number += 1
        if self.number == 1:
            raw = raw.removeprefix(BOM)
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            found = f"the byte 0x{raw[error.start]:02x} at byte {error.start + 1}"
            raise FileFault(self.number, found, "UTF-8 text") from None
        if "\0" in text:
            place = text.index("\0") + 1
            raise FileFault(self.number, f"a NUL character at column {place}", "text")
        return text


def _split(source: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Lines with their ends, as they come; only a newline ends a line."""
    pending: list[bytes] = []
    held = 0
    number = 1
    for block in source:
        *lines, last = block.split(b"\n")
        for line in lines:
            yield b"".join([*pending, line, b"\n"])
            pending, held = [], 0
            number += 1
        pending.append(last)
        held += len(last)
        if held > LONGEST:
            raise too_long(name, number)
    if held:
        yield b"".join(pending)
