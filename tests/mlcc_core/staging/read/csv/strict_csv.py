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
        empty: rows in which every cell is empty.
        issue: line and complaint where the file stops being a table.
    """

    rows: list = field(default_factory=list)
    bad: list = field(default_factory=list)
    empty: int = 0
    issue: tuple | None = None


def strictly(data, sign, above=0, named=0):
    """The rows of ``data``, which has a good header after ``above`` lines.

    ``named`` is 1 where each row begins with a name that does not count.
    """
    found = Read()
    taken = []
    lines = _lines(data, taken)
    for _ in range(above):
        next(lines)
    reader = csv.reader(lines, delimiter=sign, strict=True)
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
        elif row:
            _sort(found, begin, row, len(header) + named, named, sign)


def _sort(found, begin, row, width, named, sign):
    if not any(row[named:]):
        found.empty += 1
    elif len(row) == width and "\0" in "".join(row):
        field = 1 + ["\0" in text for text in row].index(True)
        found.bad.append((begin, sign.join(row).encode(), f"a NUL character in field {field}"))
    elif len(row) == width:
        found.rows.append((begin, row[named:]))
    else:
        words = f"{len(row)} field{'s' if len(row) != 1 else ''}"
        found.bad.append((begin, sign.join(row).encode(), words))


def _lines(data, taken):
    *lines, last = data.split(b"\n")
    lines = [line + b"\n" for line in lines] + [last] * bool(last)
    high = [line for line in lines if not line.isascii()]
    windows = bool(high) and not _utf8(high[0]) and not _contradiction(high[0])
    for line in lines:
        taken.append(line)
        if windows and not line.isascii():
            if complaint := _contradiction(line):
                raise FileError(len(taken), complaint, "")
            text = line.decode("cp1252")
        else:
            raw = line.removeprefix(b"\xef\xbb\xbf") if len(taken) == 1 else line
            try:
                text = raw.decode()
            except UnicodeDecodeError as error:
                found = f"the byte 0x{raw[error.start]:02x} at byte {error.start + 1}"
                raise FileError(len(taken), found, "") from None
        yield text


def _utf8(line):
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _contradiction(line):
    """Why a line that is not ASCII is not Windows-1252."""
    for at, byte in enumerate(line, 1):
        if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D):
            return f"the byte 0x{byte:02x} at byte {at}"
    accented = "".join("x" if b >= 0xC0 and b not in (0xD7, 0xF7) else "." for b in line)
    if "xxxx" in accented:
        return f"text of another alphabet at byte {accented.index('xxxx') + 1}"
    return "UTF-8 text" if _utf8(line) else None


def reader_of(source, sign):
    """Our reader of text that comes in blocks."""
    suffix = {"\t": ".tsv"}.get(sign, ".csv")
    form = FORMAT_BY_SUFFIX[suffix]
    return DelimitedRows(OpenFile(f"d{suffix}", form, CountingReader(io.BytesIO()), source))


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
    found.empty = sum(note.count for note in reader.notes() if "empty" in note.text)
    return found


def same(data, sign, block, chunk, limit, above=0):
    """Both make the same of it, also where it is looked at ``block`` bytes at a time."""
    with mock.patch.object(delimited, "BLOCK", block):
        found = as_shipped(data, sign, chunk, limit)
    named = reader_of(iter([data]), sign).has_row_names
    assert found == strictly(data, sign, above, int(named))
