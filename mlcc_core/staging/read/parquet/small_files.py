"""Small Parquet files of this machine, decoded together.

Each call to decode, validate or write has a fixed cost, and uses two cores only where there is much
to do at once.
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
    from mlcc_core.staging.read.json.lines import LineRows
    from mlcc_core.staging.read.parquet.rows import ParquetRows, RowGroupRange
    from mlcc_core.staging.read.streams import CountingReader

MOST_FILES = 16
"""Files that are open at once."""

SHARE = 16
"""They are at most this part of the files that the system lets a process open; each is opened
twice while it is decoded."""

MOST_BYTES = 48 << 20
"""Bytes of the files together: about as much as is decoded at once without compression."""


@dataclass(frozen=True, slots=True)
class FileRows:
    """The rows of an open file.

    Attributes:
        index: of the file in the listing, from 0.
        reader: gives its rows.
        counter: counts the bytes that are fetched.
    """

    index: int
    reader: LineRows | TableRows
    counter: CountingReader


@dataclass(frozen=True, slots=True)
class FileGroup:
    """Consecutive Parquet files of one schema that are small together.

    Attributes:
        files: in the listing's order.
        tables: their readers.
        row_counts: rows of each.
        size: of the columns that are read, of all files.
    """

    files: tuple[FileRows, ...]
    tables: tuple[ParquetRows, ...]
    row_counts: tuple[int, ...]
    size: RowGroupRange

    @property
    def schema(self) -> pa.Schema:
        """Schema of each file, before rename."""
        return self.tables[0].schema

    def decode(self, columns: Sequence[str]) -> pl.DataFrame | None:
        """Decode all rows; return ``None`` if Polars cannot read them.

        Args:
            columns: names of those to read.
        """
        from mlcc_core.staging.read.parquet.rows import scan_of

        frame = scan_of(self.tables, columns).read(0, self.size.rows)
        if frame is not None:
            self.files[0].counter.count += self.size.packed
        return frame

    def with_next(self, other: FileGroup) -> FileGroup | None:
        """Return the group of these files and those that follow, if they are small together."""
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


def ranges_to_open(files: Sequence[DatasetFile]) -> Iterator[range]:
    """Yield indices of consecutive files to open at once: small Parquet files, or one file."""
    most = _most_files()
    indices, size = range(0), 0.0
    for index, file in enumerate(files):
        is_near = file.path is not None and footer_format(file.name) is not None
        added = file.size if is_near and file.size is not None else math.inf
        if indices and (len(indices) == most or size + added > MOST_BYTES):
            yield indices
            indices, size = range(index, index), 0.0
        indices, size = range(indices.start, index + 1), size + added
    if indices:
        yield indices


def _most_files() -> int:
    """Return the number of files that may be open at once, at least one."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = limit == resource.RLIM_INFINITY
    return MOST_FILES if unlimited else max(1, min(MOST_FILES, limit // SHARE))


def grouped(
    opened: Sequence[FileRows], columns_of: Callable[[pa.Schema], Sequence[str]]
) -> Iterator[FileGroup | FileRows]:
    """Return open files in order, those that are small together as groups.

    Args:
        opened: the files.
        columns_of: names the columns that are read of a table.
    """
    if len(opened) == 1:
        return iter(opened)
    from mlcc_core.staging.read.parquet.rows import joined

    return joined((_group_of_one(file, columns_of) or file for file in opened), _join)


def _join(first: FileGroup | FileRows, second: FileGroup | FileRows) -> FileGroup | None:
    if not (isinstance(first, FileGroup) and isinstance(second, FileGroup)):
        return None
    return first.with_next(second)


def _group_of_one(
    file: FileRows, columns_of: Callable[[pa.Schema], Sequence[str]]
) -> FileGroup | None:
    """Return the group of a small Parquet file alone; ``None`` for any other file."""
    from mlcc_core.staging.read.parquet.rows import ParquetRows

    table = file.reader
    if not isinstance(table, ParquetRows):
        return None
    size = table.small(columns_of(table.schema))
    return FileGroup((file,), (table,), (size.rows,), size) if size else None
