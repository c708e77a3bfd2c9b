"""The first lines of a table in text: what programs write above the header, and the header."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mlcc_core.errors import MlccError
from mlcc_core.staging.model.hints import new_file, written_to
from mlcc_core.staging.model.read_note import ReadNote
from mlcc_core.staging.read.arrow import unique_names
from mlcc_core.staging.read.csv.dialect import (
    LARGEST_SAMPLE,
    SAMPLE,
    SIGNS,
    Dialect,
    find_dialect,
    read_rows,
)
from mlcc_core.staging.read.csv.text import Text
from mlcc_core.staging.read.formats import BOM, unknown_format

INDEX = "Unnamed: 0"
"""Name of a first column without a name, as pandas reads it: pandas writes its index there."""

USUAL = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
"""The delimiter that a suffix promises."""

_SEPARATOR = re.compile(rb'"?sep=([\t -~])"?\r?\n', re.I)
_TYPE = re.compile(rb'"?#TYPE [^\r\n]*\r?\n')

_NAMES = {"\t": "tabs", " ": "blanks"}


@dataclass
class Start:
    """The findings at the beginning of a table.

    Attributes:
        dialect: its form.
        notes: what was recognised.
        above: leaves out what stands above the header, as part of a shell command.
    """

    dialect: Dialect
    notes: list[ReadNote] = field(default_factory=list)
    above: str = ""


def read_start(text: Text, name: str, suffix: str, command: str) -> Start:
    """Take the lines above the header, and find the dialect.

    Args:
        text: of the file, from its start.
        name: of the file, for messages.
        suffix: of its format.
        command: writes its text, in a shell.

    Raises:
        FileError: bytes that are not text.
        MlccError: a title above the header; text that is not a table, where the name promises none.
    """
    usual = USUAL.get(suffix)
    notes: list[ReadNote] = []
    sample, _ = text.ahead(SAMPLE, SAMPLE)
    mark = " | tail -c +4" if sample.startswith(BOM) else ""
    sample = sample.removeprefix(BOM)
    if above := _SEPARATOR.match(sample):
        usual = above[1].decode()
        text.line()
        notes += [_not_read(above[0]), _separated(usual)]
        found = _sampled(text, usual)
        named = found is not None and found.sign == usual and found.named_rows
        return Start(Dialect(usual, named), notes, " | tail -n +2")
    if above := _TYPE.match(sample):
        text.line()
        notes.append(_not_read(above[0]))
    dialect = _sampled(text, usual)
    if dialect is None:
        raise unknown_format(name)
    _refuse_title(text, dialect.sign, name, command)
    if dialect.sign != USUAL.get(suffix):
        notes.append(_separated(dialect.sign))
    return Start(dialect, notes, " | tail -n +2" if text.number else mark)


def columns_of(header: Sequence[str], start: Start, name: str) -> list[str]:
    """Return the names of the columns that are read, all but row names.

    Raises:
        MlccError: a column without a name, or two of one name.
    """
    names = list(header)
    if start.dialect.named_rows:
        start.notes.append(ReadNote("the first column, row names under no header, is not read"))
        names = names[1:] if names and not names[0] else names
    elif len(names) > 1 and not names[0]:
        names[0] = INDEX
    for number, column in enumerate(names, 1 + len(header) - len(names)):
        if not column:
            raise MlccError(
                f"{name}: the header's field {number} is empty, expected a name.",
                hint="write a name for each column on the first line",
            )
    unique_names(names, name)
    return names


def _sampled(text: Text, usual: str | None) -> Dialect | None:
    """Find the dialect by as much text as that takes."""
    size = SAMPLE
    while True:
        sample, whole = text.ahead(size, size)
        sample = sample.removeprefix(BOM) if text.number == 0 else sample
        decoded = sample.decode(errors="replace")
        found = find_dialect(decoded, usual, whole=whole)
        if whole or size >= LARGEST_SAMPLE or (found is not None and found.proved):
            return found
        rows = read_rows(decoded, usual or SIGNS[0], whole=whole)
        if len(rows) > 1 and not _may_be_split(rows[0]):
            return found
        size *= 4


def _may_be_split(header: Sequence[str]) -> bool:
    """Return whether another delimiter may be proved by more text: rows may be long."""
    return len(header) == 1 and any(sign in header[0] for sign in SIGNS)


def _refuse_title(text: Text, sign: str, name: str, command: str) -> None:
    """Refuse a table whose first row is a title above the names of the columns."""
    sample, whole = text.ahead(SAMPLE, SAMPLE)
    sample = sample.removeprefix(BOM) if text.number == 0 else sample
    decoded = sample.decode(errors="replace")
    rows = read_rows(decoded, sign, whole=whole)
    index = next((at for at, row in enumerate(rows) if sum(map(bool, row)) > 1), 0)
    if not index or not all(_is_title(row) for row in rows[:index]):
        return
    header, others = rows[index], rows[index + 1 :]
    if not all(header) or any(len(row) != len(header) for row in others):
        return
    above = text.number + _line_of(decoded, sign, index)
    raise MlccError(
        f"{name}, line {text.number + 1} is a title ({rows[0][0][:60]!r}), expected the names of "
        f"the columns, which seem to be on line {above}.",
        hint=written_to(f"{command} | tail -n +{above}", new_file(name, "table")),
    )


def _is_title(row: Sequence[str]) -> bool:
    return bool(row) and " " in row[0].strip() and not any(row[1:])


def _line_of(text: str, sign: str, index: int) -> int:
    """Return the line, from 1, where the row of an index begins; rows without text do not count."""
    lines = text.split("\n")
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=sign, strict=True)
    begin = 1
    for row in reader:
        if any(row):
            if index == 0:
                break
            index -= 1
        begin = reader.line_num + 1
    return begin


def _separated(sign: str) -> ReadNote:
    return ReadNote(f"the fields are separated by {_NAMES.get(sign) or repr(sign)}")


def _not_read(line: bytes) -> ReadNote:
    return ReadNote(
        f"the line above the header, {line.strip().decode(errors='replace')!r}, is not read"
    )
