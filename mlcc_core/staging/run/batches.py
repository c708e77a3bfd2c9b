"""All files of a dataset, one after the other, as portions of rows that wait to be converted."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from mlcc_core.staging.convert.json_blocks import JsonLinesConverter
from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.model.rows import BatchResult, InvalidRow, Take
from mlcc_core.staging.read.json_lines import LineRows
from mlcc_core.staging.read.parquet.small_files import (
    FileGroup,
    FileRows,
    consecutive_ranges,
    grouped,
)
from mlcc_core.staging.read.prefetch import Prefetcher, in_turn
from mlcc_core.staging.read.readers import open_rows
from mlcc_core.staging.rules.plan import Plan, Tally

if TYPE_CHECKING:
    import pyarrow as pa

    from mlcc_core.staging.convert.columnar import TableConverter
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.read.arrow import TableRows

Convert = Callable[[Take | None], BatchResult]
"""Converts rows, hands them on if they are wanted, and says what became of them."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive rows of one file, or of several with no row that is wrong; none at a beginning.

    Attributes:
        file: the place of the (first) file in the listing, from 0.
        unit: what the numbers of its rows count.
        columnar: it is a table.
        fetched: bytes of all files that were fetched so far.
        convert: what is left to do.
        heights: rows of each of several files.
    """

    file: int
    unit: str
    columnar: bool
    fetched: int
    convert: Convert
    row_counts: Sequence[int] = ()

    @property
    def last(self) -> int:
        """The place of the last file."""
        return self.file + max(0, len(self.row_counts) - 1)

    def by_file(self, result: BatchResult) -> Iterator[tuple[int, BatchResult]]:
        """Place and outcome of each file, of what became of them all."""
        if not self.row_counts:
            yield self.file, result
        for place, rows in enumerate(self.row_counts, self.file):
            yield place, BatchResult(rows, rows)


class Batches:
    """Reads a dataset.

    Tables are read ahead, across the files, in a thread: their decoding and their writing keep
    two cores busy. Lines are decoded with the interpreter's lock held; a thread would not help.

    Args:
        tally: counts what is met.
        write: whether the converted rows are wanted.
    """

    def __init__(self, job: DatasetJob, plan: Plan, tally: Tally, *, write: bool) -> None:
        self._job = job
        self._plan = plan
        self._tally = tally
        self._write = write
        self._renames = dict(job.conversion.column_map)
        self._opened: list[FileRows] = []
        self._fetched = 0
        self._shared: tuple[pa.Schema, TableConverter] | None = None

    @contextmanager
    def read(self) -> Iterator[Iterator[Batch]]:
        """All portions in reading order; each is to be converted before the next is asked for.

        Raises:
            MlccError: a file that cannot be read.
            PlatformError: a file that cannot be reached.
        """
        batches = self._read_all()
        first = next(batches, None)
        if first is None:
            yield iter(())
            return
        with Prefetcher(batches) if first.columnar else in_turn(batches) as others:
            yield chain([first], others)

    def _read_all(self) -> Generator[Batch]:
        files = self._job.listing.files
        for places in consecutive_ranges(files):
            with ExitStack() as stack:
                for place in places:
                    rows = stack.enter_context(open_rows(self._job, files[place]))
                    self._opened.append(FileRows(place, *rows))
                for one in grouped(self._opened, self._columns_of):
                    yield from self._of_small(one) if isinstance(one, FileGroup) else self._of(one)
            self._fetched += sum(file.counter.count for file in self._opened)
            self._opened.clear()

    def _of_small(self, several: FileGroup) -> Iterator[Batch]:
        """Rows of several files: all at once where nothing is wrong with them."""
        from mlcc_core.staging.read.parquet.rows import pieces

        yield self._batch(several.files[0], _nothing)
        table = self._converter(several.schema)
        frame = several.decode(table.columns)
        if frame is None:
            yield from chain.from_iterable(map(self._of, several.files))
            return
        whole, *others = pieces(frame, 1)
        if not others and (together := table.prepare(whole)).whole:
            convert = partial(table.convert, together)
            yield self._batch(several.files[0], convert, several.row_counts)
            return
        start = 0
        for file, row_count in zip(several.files, several.row_counts, strict=True):
            for piece in pieces(frame.slice(start, row_count), 1):
                yield self._batch(file, partial(table.convert, table.prepare(piece)))
            start += row_count

    def _of(self, file: FileRows) -> Iterator[Batch]:
        for convert in chain([_nothing], self._conversions(file.reader)):
            yield self._batch(file, convert)

    def _batch(self, file: FileRows, convert: Convert, row_counts: Sequence[int] = ()) -> Batch:
        fetched = self._fetched + sum(each.counter.count for each in self._opened)
        columnar = not isinstance(file.reader, LineRows)
        return Batch(file.place, file.reader.unit, columnar, fetched, convert, row_counts)

    def _conversions(self, reader: LineRows | TableRows) -> Iterator[Convert]:
        """One for each batch; a file that turns out to be no dataset ends with one bad row."""
        try:
            if isinstance(reader, LineRows):
                plan, renames = self._plan, self._renames
                lines = JsonLinesConverter(plan, renames, self._tally, write=self._write)
                for batch in reader.batches():
                    yield partial(lines.convert, batch)
            else:
                yield from self._of_table(reader)
        except FileError as issue:
            yield partial(_fault, issue)

    def _of_table(self, reader: TableRows) -> Iterator[Convert]:
        table = self._converter(reader.schema)
        for prepared in map(table.prepare, reader.frames(table.columns)):
            yield partial(table.convert, prepared)

    def _columns_of(self, schema: pa.Schema) -> Sequence[str]:
        return self._converter(schema).columns

    def _converter(self, schema: pa.Schema) -> TableConverter:
        """A converter of tables; files of one schema share it."""
        from mlcc_core.staging.convert.columnar import TableConverter

        if self._shared is None or not self._shared[0].equals(schema):
            made = TableConverter(self._plan, schema, self._renames, self._tally)
            self._shared = (schema, made)
        return self._shared[1]


def _nothing(_: Take | None) -> BatchResult:
    return BatchResult(read=0)


def _fault(issue: FileError, _: Take | None) -> BatchResult:
    return BatchResult(read=1, bad=[InvalidRow(issue.line, b"", [issue])])
