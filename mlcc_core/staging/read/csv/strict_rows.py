"""CSV and TSV row by row, through the standard library's strict reader, which explains errors."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.read.csv.text import Text
from mlcc_core.staging.read.formats import BOM
from mlcc_core.staging.read.json.lines import LONGEST


def numbered_rows(text: Text, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with the line where it begins.

    NUL is a character like others, by which no row ends; in the header it is an error.

    No more of ``text`` is taken than these rows.

    Raises:
        FileError: text that is not a table, or bytes that are not text.
        MlccError: a line is longer than ``LONGEST``.
    """
    csv.field_size_limit(LONGEST)
    reader = csv.reader(_decoded(text), delimiter=delimiter, strict=True)
    is_header = True
    while True:
        begin, offset = text.number + 1, text.taken
        try:
            row = next(reader, None)
        except csv.Error as error:
            found = f"text that is not a table ({error})"
            raise FileError(begin, found, _QUOTED, offset) from None
        except FileError as fault:
            fault.offset = offset
            raise
        if row is None:
            return
        if row and is_header and (field := field_with_nul(row)):
            raise FileError(begin, f"a NUL character in field {field}", "text", offset)
        if row:
            is_header = False
            yield begin, row


def field_with_nul(row: list[str]) -> int:
    """Return the number of the first field that holds a NUL character, from 1; 0 for none."""
    return next((number for number, text in enumerate(row, 1) if "\0" in text), 0)


_QUOTED = 'fields with a quote, delimiter or line break in "double quotes"'


def _decoded(text: Text) -> Iterator[str]:
    while raw := text.line():
        if text.number == 1:
            raw = raw.removeprefix(BOM)
        try:
            line = raw.decode()
        except UnicodeDecodeError as error:
            found = f"the byte 0x{raw[error.start]:02x} at byte {error.start + 1}"
            raise FileError(text.number, found, "UTF-8 text") from None
        yield line
