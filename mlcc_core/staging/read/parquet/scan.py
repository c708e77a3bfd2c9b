"""Row groups of Parquet files of this machine, decoded by Polars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import polars as pl

from mlcc_core.staging.read.arrow_values import has_floats, is_ready
from mlcc_core.staging.read.parquet.copies import FileParts, copied

_I32_NEXT = 0x15
"""In Thrift's compact protocol: a 32-bit integer in the field after the last one."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Consecutive rows that JSON can hold.

    Attributes:
        numbers: of each row, from 1.
        rows: the values; columns are named by their index (``c0``).
    """

    numbers: range
    rows: pl.DataFrame


class ParquetScan:
    """Reads rows of files that may change meanwhile.

    Args:
        files: with the same columns; of each, the footer and the column chunks that are read.
        indices: of the columns to read, in the files' order of columns.
    """

    def __init__(self, files: Sequence[FileParts], indices: Sequence[int]) -> None:
        self._files = files
        self._indices = indices

    def read(self, start: int, rows: int) -> pl.DataFrame | None:
        """Read rows, their columns named by index; return ``None`` if Polars cannot read them.

        Args:
            start: index of the first row, from 0 in the first file.
            rows: number of rows; all of the row groups whose chunks are given.
        """
        try:
            with copied(self._files) as paths:
                file = pl.scan_parquet(paths, glob=False, hive_partitioning=False)
                frame = file.select(pl.nth(*self._indices)).slice(start, rows).collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, EOFError):
            return None
        frame.columns = [f"c{index}" for index in range(len(self._indices))]
        return frame if frame.height == rows else None


def scans_equally(kind: Any) -> bool:
    """Return whether Polars and pyarrow read equal values of an Arrow type, all allowed in JSON."""
    return is_ready(kind) and not has_floats(kind)


def has_checksums(file: BinaryIO, chunk: Any) -> bool:
    """Return whether the pages of a column chunk have checksums, which Polars does not verify.

    Read from the first page's header (parquet-format, ``PageHeader``, compact protocol): fields 1
    to 3 are integers and always there, field 4 is the optional checksum.

    Args:
        file: its path.
        chunk: pyarrow's metadata of the column chunk.
    """
    start = chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset
    file.seek(start)
    header = file.read(32)
    offset = 0
    for _ in range(3):
        offset += 1
        while offset < len(header) and header[offset] & 0x80:
            offset += 1
        offset += 1
    return header[offset : offset + 1] == bytes([_I32_NEXT])
