"""Parquet files as batches of bounded size, by the reader that suits the row group.

Polars is the fastest decoder of small row groups in files of this machine. It is given copies in
memory (`copies.py`), which no other program cuts short meanwhile. pyarrow reads everything else: by
ranges if the file is remote, in pieces if a row group is large, verifying the checksums of pages if
there are any, and to explain the error if Polars failed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import Any, BinaryIO, TypeVar, cast

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from mlcc_core.staging.model.rows import TableBatch
from mlcc_core.staging.read.arrow import BATCH_BYTES, BATCH_ROWS, TableRows, check_names, damage
from mlcc_core.staging.read.parquet.copies import FOOTER_END, FileParts
from mlcc_core.staging.read.parquet.scan import Frame, ParquetScan, has_checksums, scans_equally
from mlcc_core.staging.read.streams import OpenFile

T = TypeVar("T")

SMALL_BUFFER = 64 << 10
"""Bytes that are read at once when only the first rows are needed."""

LARGE_GROUP = 128 << 20
"""Compressed bytes of a row group above which it is not fetched, and held, at once."""

MIDDLE_BUFFER = 4 << 20
"""Bytes of each column that are then read at once."""

SCANNED = 64 << 20
"""Uncompressed bytes of a row group above which it is not decoded at once."""

PIECE = 48 << 20
"""Bytes of a decoded batch, about: encoding and writing overlap within it."""

JOINED_ROWS = 16 << 10
"""Rows of small row groups that are decoded at once; a row group's own count of bytes leaves out
repeated values of a dictionary."""


@dataclass(frozen=True, slots=True)
class RowGroupRange:
    """Consecutive row groups.

    Attributes:
        groups: their indices in the file.
        rows: of all groups.
        packed: bytes of the columns that are read, as they are stored.
        decoded: bytes of the same columns before compression.
    """

    groups: range
    rows: int
    packed: int
    decoded: int

    def __add__(self, other: RowGroupRange) -> RowGroupRange:
        return RowGroupRange(
            range(self.groups.start, other.groups.stop),
            self.rows + other.rows,
            self.packed + other.packed,
            self.decoded + other.decoded,
        )


class ParquetRows(TableRows):
    """A Parquet file, read one row group at a time, in pieces where a row group is large.

    Attributes:
        path: opens the same file again; ``None`` for a remote file.
    """

    def __init__(self, opened: OpenFile) -> None:
        self.format = opened.format.name
        self._name = name = opened.name
        self._source = opened.file
        # The file that is open, even if another has its name by now.
        self.path = f"/dev/fd/{opened.file.fileno()}" if opened.file.is_local() else None
        file = cast(BinaryIO, opened.file)
        self._size = os.fstat(opened.file.fileno()).st_size if self.path else 0
        with damage(name, "Parquet"):
            self._meta = pq.read_metadata(file)
            _check_counts(self._meta)
            large = _has_large_group(self._meta)
            self._buffer = SMALL_BUFFER if opened.small else MIDDLE_BUFFER if large else 0
            self._file = self._opened(file)
            self.schema = self._file.schema_arrow
            check_names(self.schema, name)
        self.count: int | None = self._meta.num_rows

    def _opened(self, file: BinaryIO | pa.NativeFile) -> pq.ParquetFile:
        return pq.ParquetFile(
            file,
            metadata=self._meta,
            pre_buffer=not self._buffer,
            buffer_size=self._buffer,
            page_checksum_verification=True,
        )

    @cached_property
    def _decoder(self) -> pq.ParquetFile:
        """A reader that bypasses Python; opened on demand, as Polars reads most files."""
        return self._opened(pa.OSFile(self.path, "r")) if self.path else self._file

    def batches(self, columns: Sequence[str], limit: int | None = None) -> Iterator[TableBatch]:
        number = 1
        for part in self._groups(columns):
            yield from self._decoded(part, columns, number, limit)
            number += part.rows

    def frames(self, columns: Sequence[str]) -> Iterator[TableBatch | Frame]:
        """Yield the named columns, in order, by the fastest reader."""
        scans = self._scans(columns)
        number = 1
        groups = self._groups(columns)
        for part in joined(groups, _join) if scans else groups:
            frame = None
            if scans and part.decoded <= SCANNED:
                frame = self._scan(columns, part.groups).read(number - 1, part.rows)
            if frame is None:
                yield from self._decoded(part, columns, number)
            else:
                yield from pieces(frame, number)
            if self.path:
                self._source.count += part.packed
            number += part.rows

    def small(self, columns: Sequence[str]) -> RowGroupRange | None:
        """Return the range of all row groups, if it is small and Polars may decode it."""
        groups = list(self._groups(columns))
        if not groups or not self._scans(columns):
            return None
        whole = reduce(add, groups)
        return whole if whole.rows and fits(whole) else None

    def parts(self, columns: Sequence[str], groups: range | None = None) -> FileParts:
        """Return the bytes of a file of this machine that hold the footer and the columns.

        Args:
            columns: names of those to read.
            groups: indices of the row groups to read; default: all.
        """
        footer = self._size - FOOTER_END - self._meta.serialized_size
        groups = range(self._meta.num_row_groups) if groups is None else groups
        chunks = (c for index in groups for c in _chunks(self._meta.row_group(index), columns))
        ranges = [range(footer, self._size), *map(_bytes_of, chunks)]
        return FileParts(self._source.fileno(), self._size, tuple(ranges))

    def _scan(self, columns: Sequence[str], groups: range) -> ParquetScan:
        return ParquetScan([self.parts(columns, groups)], self.indices(columns))

    def indices(self, columns: Sequence[str]) -> list[int]:
        """Return the indices of columns in the file's order."""
        return [self.schema.names.index(column) for column in columns]

    def _scans(self, columns: Sequence[str]) -> bool:
        if self.path is None or not columns or not self._meta.num_row_groups:
            return False
        if not all(scans_equally(self.schema.field(column).type) for column in columns):
            return False
        with damage(self._name, "Parquet"):
            chunk = _chunks(self._meta.row_group(0), columns)[0]
            return not has_checksums(cast(BinaryIO, self._source), chunk)

    def _decoded(
        self, part: RowGroupRange, columns: Sequence[str], number: int, limit: int | None = None
    ) -> Iterator[TableBatch]:
        size = limit or BATCH_BYTES * part.rows // max(part.decoded, 1)
        with damage(self._name, "Parquet"):
            batches = self._decoder.iter_batches(
                batch_size=max(1, min(BATCH_ROWS, size)),
                row_groups=list(part.groups),
                columns=list(columns),
            )
        while True:
            with damage(self._name, "Parquet", after=number - 1):
                batch = next(batches, None)
            if batch is None:
                return
            # pyarrow also reads ``a.b`` as the field ``b`` of ``a``, if there is one.
            yield TableBatch(range(number, number + batch.num_rows), batch.select(list(columns)))
            number += batch.num_rows

    def _groups(self, columns: Sequence[str]) -> Iterator[RowGroupRange]:
        """Yield the row groups one by one."""
        for index in range(self._meta.num_row_groups):
            group = self._meta.row_group(index)
            with damage(self._name, "Parquet"):
                chunks = _chunks(group, columns)
            yield RowGroupRange(
                range(index, index + 1),
                group.num_rows,
                sum(chunk.total_compressed_size for chunk in chunks),
                sum(chunk.total_uncompressed_size for chunk in chunks),
            )


def scan_of(readers: Sequence[ParquetRows], columns: Sequence[str]) -> ParquetScan:
    """Return a scan of all rows of files of this machine that have one schema."""
    files = [reader.parts(columns) for reader in readers]
    return ParquetScan(files, readers[0].indices(columns))


def fits(part: RowGroupRange) -> bool:
    """Return whether row groups are small enough together to be decoded at once."""
    return part.decoded <= PIECE and part.rows <= JOINED_ROWS


def joined(parts: Iterable[T], join: Callable[[T, T], T | None]) -> Iterator[T]:
    """Yield consecutive parts, joined as long as ``join`` joins them.

    Row groups of a file and small files are joined by the same rule. A group of files is more than
    a range of row groups, though: each file has its own row numbers and counts, and is read by
    itself if a row of the group is wrong.

    Args:
        parts: in order.
        join: returns one part for two, or ``None`` where they stay apart.
    """
    pending: T | None = None
    for part in parts:
        together = part if pending is None else join(pending, part)
        if pending is not None and together is None:
            yield pending
        pending = part if together is None else together
    if pending is not None:
        yield pending


def _join(first: RowGroupRange, second: RowGroupRange) -> RowGroupRange | None:
    both = first + second
    return both if fits(both) else None


def pieces(frame: pl.DataFrame, number: int) -> Iterator[Frame]:
    """Yield rows in pieces of bounded size.

    Args:
        frame: the rows.
        number: of the first row, from 1.
    """
    size = PIECE * frame.height // max(frame.estimated_size(), 1)
    for piece in frame.iter_slices(max(1, min(BATCH_ROWS, int(size)))):
        yield Frame(range(number, number + piece.height), piece)
        number += piece.height


def _chunks(group: pq.RowGroupMetaData, columns: Sequence[str]) -> list[Any]:
    """Return the column chunks of a row group that hold the columns, nested ones included."""
    within = tuple(f"{column}." for column in columns)
    chunks = (group.column(index) for index in range(group.num_columns))
    return [chunk for chunk in chunks if f"{chunk.path_in_schema}.".startswith(within)]


def _bytes_of(chunk: Any) -> range:
    """Return the offsets of a column chunk: its dictionary, if it has one, then its data."""
    start = chunk.data_page_offset
    if chunk.has_dictionary_page and 0 < chunk.dictionary_page_offset < start:
        start = chunk.dictionary_page_offset
    return range(start, start + chunk.total_compressed_size)


def _check_counts(meta: pq.FileMetaData) -> None:
    """Check that the rows of the file are those of its row groups.

    Raises:
        pa.ArrowInvalid: they differ, and readers do not agree on which is right.
    """
    within = sum(meta.row_group(index).num_rows for index in range(meta.num_row_groups))
    if within != meta.num_rows:
        raise pa.ArrowInvalid(f"it says {meta.num_rows:,} rows, its row groups say {within:,}")


def _has_large_group(meta: pq.FileMetaData) -> bool:
    groups = (meta.row_group(index) for index in range(meta.num_row_groups))
    return any(
        sum(group.column(index).total_compressed_size for index in range(group.num_columns))
        > LARGE_GROUP
        for group in groups
    )
