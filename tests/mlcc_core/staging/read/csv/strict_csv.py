"""CSV read once more: slow, obvious, all lines at once, through the standard library's reader."""

import csv
import io
from dataclasses import dataclass, field
from unittest import mock

from mlcc_core.helpers.formats import FORMAT_BY_SUFFIX
from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.read.csv import delimited
from mlcc_core.staging.read.csv.delimited import DelimitedRows
from mlcc_core.staging.read.streams import CountingReader, OpenFile


@dataclass
class Read:
    """The rows and errors that a reader finds after the header.

    Attributes:
        rows: line and fields of each row.
        bad: line, text and complaint of each row that is ragged.
        fault: line and complaint where the file stops being a table.
    """

    rows: list = field(default_factory=list)
    bad: list = field(default_factory=list)
    issue: tuple | None = None


def strictly(data, sign):
    """The rows of ``data``, which has a good header."""
    found = Read()
    taken = []
    reader = csv.reader(_lines(data, taken), delimiter=sign, strict=True)
    header = []
    while True:
        begin = len(taken) + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            found.issue = (begin, f"text that is not a table ({error})")
        except FileError as issue:
            found.issue = (issue.line, issue.found)
        if found.issue or row is None:
            return found
        if row and not header:
            header = row
        elif len(row) == len(header):
            found.rows.append((begin, row))
        elif row:
            words = f"{len(row)} field{'s' if len(row) != 1 else ''}"
            found.bad.append((begin, sign.join(row).encode(), words))


def _lines(data, taken):
    *lines, last = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for line in [line + b"\n" for line in lines] + [last] * bool(last):
        taken.append(line)
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            found = f"the byte 0x{line[error.start]:02x} at byte {error.start + 1}"
            raise FileError(len(taken), found, "") from None
        if "\0" in text:
            raise FileError(len(taken), f"a NUL character at column {text.index(chr(0)) + 1}", "")
        yield text


def reader_of(source, sign):
    """Our reader of text that comes in blocks."""
    form = FORMAT_BY_SUFFIX[{",": ".csv", "\t": ".tsv"}[sign]]
    return DelimitedRows(OpenFile("d", form, CountingReader(io.BytesIO()), source))


def as_shipped(data, sign, chunk, limit=None):
    """Read ``data``, which comes in pieces of ``chunk`` bytes, with our reader."""
    source = iter([data[i : i + chunk] for i in range(0, len(data), chunk)])
    reader = reader_of(source, sign)
    found = Read()
    try:
        for batch in reader.batches(reader.schema.names, limit):
            rows = [list(row.values()) for row in batch.rows.to_pylist()]
            found.rows += zip(batch.numbers, rows, strict=True)
            found.bad += [(bad.number, bad.text, bad.issues[0].found) for bad in batch.invalid]
    except FileError as issue:
        found.issue = (issue.line, issue.found)
    return found


def same(data, sign, block, chunk, limit):
    """Both make the same of it, also where it is looked at ``block`` bytes at a time."""
    with mock.patch.object(delimited, "BLOCK", block):
        assert as_shipped(data, sign, chunk, limit) == strictly(data, sign)
