"""Parquet and Arrow files as record batches of bounded size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import IOBase
from typing import Any, BinaryIO, Protocol, cast

import pyarrow as pa
import pyarrow.parquet as pq

from mlcc_core.errors import MlccError
from mlcc_core.staging import streams
from mlcc_core.staging.formats import Format
from mlcc_core.staging.outcome import BadRow

BATCH_BYTES = 16 << 20
"""Decoded bytes of one batch, about."""

BATCH_ROWS = 64 << 10
"""Rows of one batch at most."""

SMALL_BUFFER = 64 << 10
"""Bytes that are read at once where only the first rows are wanted."""

LARGE_GROUP = 128 << 20
"""Compressed bytes of a row group that are too many to be fetched, and held, at once."""

MIDDLE_BUFFER = 4 << 20
"""Bytes of each column that are then read at once."""


@dataclass(frozen=True, slots=True)
class TableBatch:
    """Consecutive rows of a columnar file.

    Attributes:
        numbers: of each row: its number from 1, or the line where it begins.
        rows: the values.
        bad: rows of the same stretch that are none of this table's.
    """

    numbers: Sequence[int]
    rows: pa.RecordBatch
    bad: Sequence[BadRow] = ()


class TableRows(Protocol):
    """A file whose rows come as record batches.

    Attributes:
        format: of the file.
        unit: what the numbers count, ``row`` or ``line``.
        schema: before rename.
        count: rows, where a footer says so.
    """

    format: Format
    unit: str
    schema: pa.Schema
    count: int | None

    def batches(self, columns: Sequence[str], limit: int | None = None) -> Iterator[TableBatch]:
        """The named columns, in order; with ``limit``, at least that many rows, if there are."""


class ParquetRows:
    """A Parquet file, read one row group at a time, in pieces where a row group is large."""

    format: Format = "parquet"
    unit = "row"

    def __init__(self, file: BinaryIO, name: str, *, small: bool = False) -> None:
        self._name = name
        self._source = file
        with damage(name, "Parquet"):
            meta = pq.read_metadata(file)
            buffer = SMALL_BUFFER if small else MIDDLE_BUFFER if _has_large_group(meta) else 0
            self._native = None if small else _native(file)
            self._file = pq.ParquetFile(
                file if self._native is None else self._native,
                metadata=meta,
                pre_buffer=not buffer,
                buffer_size=buffer,
                page_checksum_verification=True,
            )
            self.schema = self._file.schema_arrow
        self.count: int | None = self._file.metadata.num_rows
        unique_names(self.schema.names, name)

    def batches(self, columns: Sequence[str], limit: int | None = None) -> Iterator[TableBatch]:
        number = 1
        for group in range(self._file.num_row_groups):
            meta = self._file.metadata.row_group(group)
            chunks = _chunks(meta, frozenset(columns))
            size = limit or _batch_rows(meta.num_rows, chunks)
            with damage(self._name, "Parquet"):
                batches = self._file.iter_batches(
                    batch_size=size, row_groups=[group], columns=list(columns)
                )
            while True:
                with damage(self._name, "Parquet", after=number - 1):
                    batch = next(batches, None)
                if batch is None:
                    break
                yield TableBatch(range(number, number + batch.num_rows), batch)
                number += batch.num_rows
            if self._native is not None and isinstance(self._source, streams.Counter):
                self._source.count += sum(chunk.total_compressed_size for chunk in chunks)


def _chunks(group: pq.RowGroupMetaData, columns: frozenset[str]) -> list[pq.ColumnChunkMetaData]:
    chunks = (group.column(index) for index in range(group.num_columns))
    return [
        chunk
        for chunk in chunks
        if chunk.path_in_schema in columns or chunk.path_in_schema.split(".")[0] in columns
    ]


def _batch_rows(rows: int, chunks: Sequence[pq.ColumnChunkMetaData]) -> int:
    """Rows of a batch of ``BATCH_BYTES``, of a row group of so many rows."""
    size = sum(chunk.total_uncompressed_size for chunk in chunks)
    return max(1, min(BATCH_ROWS, BATCH_BYTES * rows // max(size, 1)))


def _native(file: BinaryIO) -> Any:
    """The same open file read by Arrow itself, if it is one of this machine; else ``None``."""
    if isinstance(file, streams.Counter) and file.is_local():
        return pa.OSFile(f"/dev/fd/{file.fileno()}", "r")
    return None


def _has_large_group(meta: pq.FileMetaData) -> bool:
    groups = (meta.row_group(index) for index in range(meta.num_row_groups))
    return any(
        sum(group.column(index).total_compressed_size for index in range(group.num_columns))
        > LARGE_GROUP
        for group in groups
    )


class ArrowRows:
    """An Arrow file or stream, read one record batch at a time."""

    unit = "row"
    count: int | None = None

    def __init__(self, file: BinaryIO, name: str, form: Format) -> None:
        self.format = form
        self._name = name
        self._source = file
        with damage(name, "Arrow"):
            source = cast(IOBase, file)
            self._reader = (
                pa.ipc.open_file(source) if form == "arrow" else pa.ipc.open_stream(source)
            )
        self.schema = self._reader.schema
        unique_names(self.schema.names, name)

    def batches(self, columns: Sequence[str], limit: int | None = None) -> Iterator[TableBatch]:
        number = 1
        for batch in self._record_batches():
            chosen = batch.select(list(columns))
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
            if (
                isinstance(self._source, streams.BlockReader)
                and not self._source.ended_with_marker()
            ):
                raise pa.ArrowInvalid("the stream has no end marker")


@contextmanager
def damage(name: str, what: str, after: int | None = None) -> Iterator[None]:
    """Turn Arrow's errors into one that names the file, and the last row that could be read."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        where = "" if after is None else f" after row {after}"
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise MlccError(
            f"{name} is no whole {what} file: it cannot be read{where} ({reason}).",
            hint="fetch or make the file again: it is cut off, damaged or something else",
        ) from None


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
