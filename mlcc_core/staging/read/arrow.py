"""Columnar files as batches of bounded size, and the reader of Arrow files."""

from __future__ import annotations

import errno
import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.memory import is_out_of_memory, out_of_memory
from mlcc_core.staging.model.read_note import ReadNote
from mlcc_core.staging.model.rows import TableBatch
from mlcc_core.staging.read.arrow_values import validate_layout
from mlcc_core.staging.read.streams import BlockReader, CountingReader, OpenFile

if TYPE_CHECKING:
    from mlcc_core.staging.read.parquet.scan import Frame

MAGIC = b"ARROW1"

BATCH_BYTES = 16 << 20
"""Decoded bytes of one batch, about."""

BATCH_ROWS = 64 << 10
"""Rows of one batch at most."""


class TableRows(ABC):
    """A file whose rows come as record batches.

    Attributes:
        format: name of the file's format.
        unit: of row numbers, ``row`` or ``line``.
        schema: before rename.
        count: rows, where a footer says so.
        command: writes the text of the file, in a shell; empty where it is not text.
        delimiter: of a table in text.
        file_notes: on the file before its rows: its encoding, for instance.
    """

    format: str
    unit = "row"
    schema: pa.Schema
    count: int | None = None
    command = ""
    delimiter = ""
    file_notes: Sequence[ReadNote] = ()

    @abstractmethod
    def __init__(self, opened: OpenFile) -> None:
        """Read the file as far as its schema.

        Raises:
            MlccError: the file is damaged.
        """

    @abstractmethod
    def batches(self, columns: Sequence[str], limit: int | None = None) -> Iterator[TableBatch]:
        """Return the named columns, in order; with ``limit``, at least so many rows if possible."""

    def notes(self) -> Sequence[ReadNote]:
        """Return what was recognised in the file, as far as it was read."""
        return self.file_notes

    def size(self) -> int | None:
        """Return the bytes of the file's content, read to its end, where rows end in a line."""
        return None

    def frames(self, columns: Sequence[str]) -> Iterator[TableBatch | Frame]:
        """Return the named columns of all rows, in order, by the fastest way there is."""
        return self.batches(columns)


class ArrowRows(TableRows):
    """An Arrow file or stream, read one record batch at a time."""

    def __init__(self, opened: OpenFile) -> None:
        self.format = opened.format.name
        self._name = name = opened.name
        self._stream = None if opened.format.seeks else BlockReader(opened.blocks)
        with damage(name, "Arrow"):
            if self._stream is None:
                _check_end(opened.file)
                self._reader: pa.ipc.RecordBatchFileReader | pa.ipc.RecordBatchStreamReader = (
                    pa.ipc.open_file(opened.file)
                )
            else:
                self._reader = pa.ipc.open_stream(self._stream)
            self.schema = self._reader.schema
            check_names(self.schema, name)

    def batches(self, columns: Sequence[str], limit: int | None = None) -> Iterator[TableBatch]:
        number = 1
        for batch in self._record_batches():
            chosen = batch.select(list(columns))
            # The format has no checksums; this takes a small part of the time of reading text.
            with damage(self._name, "Arrow", after=number - 1):
                for column in chosen.columns:
                    validate_layout(column)
            each = max(1, BATCH_BYTES * chosen.num_rows // max(chosen.nbytes, 1))
            size = limit or min(BATCH_ROWS, each)
            for start in range(0, chosen.num_rows, size):
                piece = chosen.slice(start, size)
                yield TableBatch(range(number, number + piece.num_rows), piece)
                number += piece.num_rows

    def _record_batches(self) -> Iterator[pa.RecordBatch]:
        with damage(self._name, "Arrow"):
            if isinstance(self._reader, pa.ipc.RecordBatchFileReader):
                for index in range(self._reader.num_record_batches):
                    yield self._reader.get_batch(index)
                return
            yield from self._reader
            # The format allows a stream without its end marker; so does one that was cut off.
            if self._stream is not None and not self._stream.ended_with_marker():
                raise pa.ArrowInvalid("the stream has no end marker")


def _check_end(file: CountingReader) -> None:
    """Check that an Arrow file ends with the format's magic ("IPC File Format" of Arrow's site).

    pyarrow would raise an error, too, but leaves a thread that may abort the process at its end.

    Raises:
        pa.ArrowInvalid: it ends with something else.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - len(MAGIC)))
    if file.read(len(MAGIC)) != MAGIC:
        raise pa.ArrowInvalid(f"it does not end with {MAGIC.decode()}")
    file.seek(0)


@contextmanager
def damage(name: str, what: str, after: int | None = None) -> Iterator[None]:
    """Turn Arrow's errors into one that names the file, and the last row that could be read.

    An error of the system is not damage, except one about a position outside of the file.

    Args:
        name: of the file.
        what: its format, for the message.
        after: number of the last row that could be read.

    Raises:
        MlccError: the file is damaged.
        PlatformError: the system cannot read it.
    """
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if is_out_of_memory(error):
            raise out_of_memory(error, f"Reading {name}") from None
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise PlatformError(f"{name} cannot be read: {os.strerror(error.errno)}.") from None
        where = "" if after is None else f" after row {after}"
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise MlccError(
            f"{name} is not a whole {what} file: it cannot be read{where} ({reason}).",
            hint="fetch or make the file again: it is cut off, damaged or something else",
        ) from None


def check_names(schema: pa.Schema, name: str) -> None:
    """Check all names of a schema.

    Raises:
        MlccError: two columns have one name.
        UnicodeDecodeError: a name is not UTF-8, at any depth.
    """
    unique_names(schema.names, name)
    kinds = list(schema.types)
    while kinds:
        kind = kinds.pop()
        for field in map(kind.field, range(kind.num_fields)):
            _ = field.name  # pyarrow decodes it on access
            kinds.append(field.type)


def unique_names(names: Sequence[str], name: str) -> None:
    """Refuse a file in which two columns have one name.

    Raises:
        MlccError: naming the first such column.
    """
    for column, count in Counter(names).items():
        if count > 1:
            raise MlccError(
                f"{name} has {count} columns named {column!r}, expected each name once.",
                hint="rename or remove all but one of them in the file",
            )
