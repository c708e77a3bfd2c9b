"""All files of a dataset, one after the other, as batches of rows that wait to be converted."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from mlcc_core.staging.convert.json_blocks import JsonLinesConverter
from mlcc_core.staging.model.column_map import renames_of
from mlcc_core.staging.model.report import NotReached
from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.model.rows import BatchResult, InvalidRow, Stop, Write
from mlcc_core.staging.read.json.lines import LineRows
from mlcc_core.staging.read.parquet.small_files import (
    FileGroup,
    FileRows,
    grouped,
    ranges_to_open,
)
from mlcc_core.staging.read.prefetch import Prefetcher, without_prefetch
from mlcc_core.staging.read.readers import open_rows
from mlcc_core.staging.rules.plan import ConversionPlan, Tally
from mlcc_core.staging.run.budget import UNLIMITED, Budget, ReadLimit

if TYPE_CHECKING:
    import pyarrow as pa

    from mlcc_core.staging.convert.columnar import TableConverter
    from mlcc_core.staging.model.request import DatasetJob

Convert = Callable[[Write | None], BatchResult]
"""Converts rows, writes the good ones if they are wanted, and counts them all."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive rows of one file, or of several in which every row is right.

    A file begins with a batch of no rows, so that its progress is reported before it is decoded.

    Attributes:
        file: index of the (first) file in the listing, from 0.
        unit: what the numbers of its rows count, ``row`` or ``line``.
        columnar: the rows are columns, not text.
        fetched: bytes of all files that were fetched so far.
        convert: the work that is left.
        row_counts: rows of each file, where there are several.
    """

    file: int
    unit: str
    columnar: bool
    fetched: int
    convert: Convert
    row_counts: Sequence[int] = ()

    @property
    def last_file(self) -> int:
        """Index of the last file in the listing, from 0."""
        return self.file + max(0, len(self.row_counts) - 1)

    def by_file(self, result: BatchResult) -> Iterator[tuple[int, BatchResult]]:
        """Split the result of the batch: index and result of each file."""
        if not self.row_counts:
            yield self.file, result
        for index, rows in enumerate(self.row_counts, self.file):
            yield index, BatchResult(rows, rows)


class Batches:
    """Reads a dataset.

    Tables are prefetched, across the files, in a thread: decoding and writing keep two cores busy.
    Lines are decoded with the interpreter's lock held; a thread would not help.

    Args:
        tally: counts what the rows hold.
        wanted: the converted rows will be written.
        limit: what is read at most.
        row_counts: rows of files, by name, as far as they are known before they are read.

    Attributes:
        not_reached: by index of the file, the rows that were not read; complete once all batches
            were converted.
    """

    def __init__(
        self,
        job: DatasetJob,
        plan: ConversionPlan,
        tally: Tally,
        *,
        wanted: bool,
        limit: ReadLimit = UNLIMITED,
        row_counts: Mapping[str, int] | None = None,
    ) -> None:
        self._job = job
        self._plan = plan
        self._tally = tally
        self._wanted = wanted
        self._renames = renames_of(job.conversion.column_map)
        self._open: list[FileRows] = []
        self._fetched = 0
        self._shared: tuple[pa.Schema, TableConverter] | None = None
        self._budget = Budget(limit, self._all_fetched)
        self._row_counts = row_counts or {}
        self.not_reached: dict[int, NotReached] = {}

    @contextmanager
    def read(self) -> Iterator[Iterator[Batch]]:
        """Yield all batches in reading order; convert each before the next is asked for.

        Raises:
            MlccError: a file that cannot be read.
            PlatformError: a file that cannot be reached.
        """
        batches = self._all_files()
        first = next(batches, None)
        if first is None:
            yield iter(())
            return
        with Prefetcher(batches) if first.columnar else without_prefetch(batches) as others:
            yield chain([first], others)

    def _all_files(self) -> Generator[Batch]:
        files = self._job.listing.files
        for indices in ranges_to_open(files):
            if self._budget.spent:
                for index in indices:
                    self._leave(index, self._row_counts.get(files[index].name))
                continue
            with ExitStack() as stack:
                for index in indices:
                    rows = stack.enter_context(open_rows(self._job, files[index]))
                    self._open.append(FileRows(index, *rows))
                for one in self._grouped():
                    yield from self._of_group(one) if isinstance(one, FileGroup) else self._of(one)
                for file in self._open:
                    if found := file.reader.notes():
                        self._tally.reading[files[file.index].name] = found
            self._fetched += sum(file.counter.count for file in self._open)
            self._open.clear()

    def _grouped(self) -> Iterator[FileGroup | FileRows]:
        """Return the open files, small ones together unless rows are counted one by one."""
        return (
            iter(self._open) if self._budget.counts_rows else grouped(self._open, self._columns_of)
        )

    def _leave(self, index: int, rows: int | None, fetched: int = 0) -> None:
        """Remember that rows of a file are not read; ``None``: nothing says how many."""
        if rows != 0:
            size = self._job.listing.files[index].size
            left = None if size is None else max(0, size - fetched)
            self.not_reached[index] = NotReached(rows, left)

    def _of_group(self, group: FileGroup) -> Iterator[Batch]:
        """Yield the rows of several files: all at once where every row is right."""
        from mlcc_core.staging.read.parquet.rows import pieces

        yield self._batch(group.files[0], _no_rows)
        table = self._converter(group.schema)
        frame = group.decode(table.columns)
        if frame is None:
            yield from chain.from_iterable(map(self._of, group.files))
            return
        whole, *others = pieces(frame, 1)
        if not others and (prepared := table.prepare(whole)).is_whole:
            yield self._batch(group.files[0], partial(table.convert, prepared), group.row_counts)
            return
        start = 0
        for file, rows in zip(group.files, group.row_counts, strict=True):
            for piece in pieces(frame.slice(start, rows), 1):
                yield self._batch(file, partial(table.convert, table.prepare(piece)))
            start += rows

    def _of(self, file: FileRows) -> Iterator[Batch]:
        if self._budget.spent:  # by a file before it that was opened with it
            self._leave(file.index, getattr(file.reader, "count", None))
            return
        for convert in chain([_no_rows], self._conversions(file)):
            yield self._batch(file, convert)

    def _batch(self, file: FileRows, convert: Convert, row_counts: Sequence[int] = ()) -> Batch:
        columnar = not isinstance(file.reader, LineRows)
        fetched = self._all_fetched()
        return Batch(file.index, file.reader.unit, columnar, fetched, convert, row_counts)

    def _all_fetched(self) -> int:
        """Return the bytes of all files that were fetched so far."""
        return self._fetched + sum(each.counter.count for each in self._open)

    def _conversions(self, file: FileRows) -> Iterator[Convert]:
        """Yield one for each batch; a file that stops being a dataset ends with an invalid row."""
        reader = file.reader

        def left(rows: int | None) -> None:
            self._leave(file.index, rows, file.counter.count)

        try:
            if isinstance(reader, LineRows):
                plan, renames = self._plan, self._renames
                several = reader.format == "jsonl"
                lines = JsonLinesConverter(
                    plan, renames, self._tally, wanted=self._wanted, several=several
                )
                for batch in self._budget.portion(reader.batches(), None, left):
                    yield partial(lines.convert, batch)
            else:
                table = self._converter(reader.schema)
                frames = reader.frames(table.columns)
                portion = self._budget.portion(frames, reader.count, left)
                for prepared in map(table.prepare, portion):
                    yield partial(table.convert, prepared)
        except FileError as error:
            yield partial(_failed, error, reader.size())

    def _columns_of(self, schema: pa.Schema) -> Sequence[str]:
        return self._converter(schema).columns

    def _converter(self, schema: pa.Schema) -> TableConverter:
        """Return a converter of tables; files of one schema share it."""
        from mlcc_core.staging.convert.columnar import TableConverter

        if self._shared is None or not self._shared[0].equals(schema):
            converter = TableConverter(self._plan, schema, self._renames, self._tally)
            self._shared = (schema, converter)
        return self._shared[1]


def _no_rows(_: Write | None) -> BatchResult:
    return BatchResult(read=0)


def _failed(error: FileError, size: int | None, _: Write | None) -> BatchResult:
    row = InvalidRow(error.line, b"", [error])
    stop = Stop(error.line)
    if error.offset is not None and size is not None:
        stop = Stop(error.line, size - error.offset, size)
    return BatchResult(read=1, invalid=[row], stopped=stop)
