"""Row groups of Parquet files of this machine, decoded by Polars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from mlcc_core.staging.read.arrow_values import has_floats, is_ready

_I32_NEXT = 0x15
"""In Thrift's compact protocol: a 32-bit integer in the field after the last one."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Consecutive rows, of which each has a form in JSON.

    Attributes:
        numbers: of each row, from 1.
        rows: the values; columns are named by their place (``c0``).
    """

    numbers: range
    rows: pl.DataFrame


class ParquetScan:
    """Reads stretches of rows.

    Args:
        paths: of files with the same columns; none is read after it has changed its size.
        places: of the columns to read, in the files' order of columns.
    """

    def __init__(self, paths: Sequence[str], places: Sequence[int]) -> None:
        self._paths = list(paths)
        self._sizes = self._sizes_now()
        self._places = places
        self._frame: pl.LazyFrame | None = None

    def read(self, start: int, rows: int) -> pl.DataFrame | None:
        """Rows, their columns named by place; ``None`` where Polars cannot read them.

        Args:
            start: the first one, from 0 in the first file.
            rows: how many; whole row groups, or they are decoded more than once.
        """
        # Polars panics, and says so on stderr, where bytes are missing.
        if self._sizes_now() != self._sizes:
            return None
        try:
            if self._frame is None:
                file = pl.scan_parquet(self._paths, glob=False, hive_partitioning=False)
                self._frame = file.select(pl.nth(*self._places))
            frame = self._frame.slice(start, rows).collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
            return None
        frame.columns = [f"c{place}" for place in range(len(self._places))]
        return frame if frame.height == rows else None

    def _sizes_now(self) -> list[int]:
        return [Path(path).stat().st_size for path in self._paths]


def scans_alike(kind: Any) -> bool:
    """Return whether Polars reads an Arrow type like pyarrow, without values that JSON forbids."""
    return is_ready(kind) and not has_floats(kind)


def has_checksums(file: BinaryIO, chunk: Any) -> bool:
    """Return whether the pages of a column chunk have checksums, which Polars does not look at.

    Read from the first page's header (parquet-format, ``PageHeader``, compact protocol): fields 1
    to 3 are integers and always there, field 4 is the optional checksum.

    Args:
        chunk: pyarrow's metadata of the column chunk.
    """
    start = chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset
    file.seek(start)
    header = file.read(32)
    place = 0
    for _ in range(3):
        place += 1
        while place < len(header) and header[place] & 0x80:
            place += 1
        place += 1
    return header[place : place + 1] == bytes([_I32_NEXT])
