"""Small Parquet files of this machine, read side by side.

Decoding, judging and writing have a price each time, and give two cores work only where there is
much to do at once.
"""

from __future__ import annotations

import math
import resource
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcc_core.staging.read.formats import footer_format

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

    from mlcc_core.contract.source import DatasetFile
    from mlcc_core.staging.read.arrow import TableRows
    from mlcc_core.staging.read.json_lines import LineRows
    from mlcc_core.staging.read.parquet.rows import ParquetRows, RowGroupRange
    from mlcc_core.staging.read.streams import CountingReader

MOST_FILES = 16
"""Files that are open at once."""

SHARE = 16
"""They are at most this part of those that the system lets a process open; each is opened twice
while it is decoded."""

MOST_BYTES = 48 << 20
"""Bytes of them: about what is decoded at once where it is not compressed at all."""


@dataclass(frozen=True, slots=True)
class FileRows:
    """A file that is open.

    Attributes:
        place: in the listing, from 0.
        counter: of the bytes that are fetched.
    """

    place: int
    reader: LineRows | TableRows
    counter: CountingReader


@dataclass(frozen=True, slots=True)
class FileGroup:
    """Consecutive Parquet files of one schema that are small together.

    Attributes:
        tables: their readers.
        heights: rows of each.
        size: of the columns that are read of all of them.
    """

    files: tuple[FileRows, ...]
    tables: tuple[ParquetRows, ...]
    row_counts: tuple[int, ...]
    size: RowGroupRange

    @property
    def schema(self) -> pa.Schema:
        """Before rename."""
        return self.tables[0].schema

    def decode(self, columns: Sequence[str]) -> pl.DataFrame | None:
        """All rows, or ``None`` if Polars cannot read them.

        Args:
            columns: names of those to read.
        """
        from mlcc_core.staging.read.parquet.rows import scan_of

        frame = scan_of(self.tables, columns).read(0, self.size.rows)
        if frame is not None:
            self.files[0].counter.count += self.size.packed
        return frame

    def with_next(self, other: FileGroup) -> FileGroup | None:
        """These files and those that follow, if they go together."""
        from mlcc_core.staging.read.parquet.rows import fits

        size = self.size + other.size
        if not fits(size) or not self.schema.equals(other.schema):
            return None
        return FileGroup(
            self.files + other.files,
            self.tables + other.tables,
            self.row_counts + other.row_counts,
            size,
        )


def consecutive_ranges(files: Sequence[DatasetFile]) -> Iterator[range]:
    """Places of consecutive files to open at once: small Parquet files, or one file."""
    most = _most_files()
    places, size = range(0), 0.0
    for place, file in enumerate(files):
        is_near = file.path is not None and footer_format(file.name) is not None
        added = file.size if is_near and file.size is not None else math.inf
        if places and (len(places) == most or size + added > MOST_BYTES):
            yield places
            places, size = range(place, place), 0.0
        places, size = range(places.start, place + 1), size + added
    if places:
        yield places


def _most_files() -> int:
    """As many as may be open at once, at least one."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = limit == resource.RLIM_INFINITY
    return MOST_FILES if unlimited else max(1, min(MOST_FILES, limit // SHARE))


def grouped(
    opened: Sequence[FileRows], columns_of: Callable[[pa.Schema], Sequence[str]]
) -> Iterator[FileGroup | FileRows]:
    """Files that are open, in order: those together that go together.

    Args:
        columns_of: names those that are read of a table.
    """
    pending: FileGroup | None = None
    for file in opened:
        small = _small(file, columns_of) if len(opened) > 1 else None
        joined = pending.with_next(small) if pending and small else None
        if pending and not joined:
            yield pending
        if not small:
            yield file
        pending = joined or small
    if pending:
        yield pending


def _small(file: FileRows, columns_of: Callable[[pa.Schema], Sequence[str]]) -> FileGroup | None:
    from mlcc_core.staging.read.parquet.rows import ParquetRows

    table = file.reader
    if not isinstance(table, ParquetRows):
        return None
    size = table.small(columns_of(table.schema))
    return FileGroup((file,), (table,), (size.rows,), size) if size else None
