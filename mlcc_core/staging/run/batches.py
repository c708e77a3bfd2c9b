"""All files of a dataset, one after the other, as portions of rows that wait to be converted."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from mlcc_core.staging.convert.json_blocks import LineConverter
from mlcc_core.staging.model.row_issues import FileFault
from mlcc_core.staging.model.rows import BadRow, Outcome, Take
from mlcc_core.staging.read.json_lines import LineRows
from mlcc_core.staging.read.parquet.small_files import Opened, Together, grouped, neighbours
from mlcc_core.staging.read.prefetch import ReadAhead, in_turn
from mlcc_core.staging.read.readers import open_rows
from mlcc_core.staging.rules.plan import Plan, Tally

if TYPE_CHECKING:
    import pyarrow as pa

    from mlcc_core.staging.convert.columnar import TableConverter
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.read.arrow import TableRows

Convert = Callable[[Take | None], Outcome]
"""Converts rows, hands them on if they are wanted, and says what became of them."""


@dataclass(frozen=True, slots=True)
class Portion:
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
    heights: Sequence[int] = ()

    @property
    def last(self) -> int:
        """The place of the last file."""
        return self.file + max(0, len(self.heights) - 1)

    def by_file(self, outcome: Outcome) -> Iterator[tuple[int, Outcome]]:
        """Place and outcome of each file, of what became of them all."""
        if not self.heights:
            yield self.file, outcome
        for place, rows in enumerate(self.heights, self.file):
            yield place, Outcome(rows, rows)


class Portions:
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
        self._opened: list[Opened] = []
        self._fetched = 0
        self._shared: tuple[pa.Schema, TableConverter] | None = None

    @contextmanager
    def read(self) -> Iterator[Iterator[Portion]]:
        """All portions in reading order; each is to be converted before the next is asked for.

        Raises:
            MlccError: a file that cannot be read.
            PlatformError: a file that cannot be reached.
        """
        portions = self._portions()
        first = next(portions, None)
        if first is None:
            yield iter(())
            return
        with ReadAhead(portions) if first.columnar else in_turn(portions) as others:
            yield chain([first], others)

    def _portions(self) -> Generator[Portion]:
        files = self._job.listing.files
        for places in neighbours(files):
            with ExitStack() as stack:
                for place in places:
                    rows = stack.enter_context(open_rows(self._job, files[place]))
                    self._opened.append(Opened(place, *rows))
                for one in grouped(self._opened, self._columns_of):
                    yield from self._of_small(one) if isinstance(one, Together) else self._of(one)
            self._fetched += sum(file.counter.count for file in self._opened)
            self._opened.clear()

    def _of_small(self, several: Together) -> Iterator[Portion]:
        """Rows of several files: all at once where nothing is wrong with them."""
        from mlcc_core.staging.read.parquet.rows import pieces

        yield self._portion(several.files[0], _nothing)
        table = self._converter(several.schema)
        frame = several.decode(table.columns)
        if frame is None:
            yield from chain.from_iterable(map(self._of, several.files))
            return
        whole, *others = pieces(frame, 1)
        if not others and (together := table.prepare(whole)).whole:
            convert = partial(table.convert, together)
            yield self._portion(several.files[0], convert, several.heights)
            return
        start = 0
        for file, height in zip(several.files, several.heights, strict=True):
            for piece in pieces(frame.slice(start, height), 1):
                yield self._portion(file, partial(table.convert, table.prepare(piece)))
            start += height

    def _of(self, file: Opened) -> Iterator[Portion]:
        for convert in chain([_nothing], self._conversions(file.reader)):
            yield self._portion(file, convert)

    def _portion(self, file: Opened, convert: Convert, heights: Sequence[int] = ()) -> Portion:
        fetched = self._fetched + sum(each.counter.count for each in self._opened)
        columnar = not isinstance(file.reader, LineRows)
        return Portion(file.place, file.reader.unit, columnar, fetched, convert, heights)

    def _conversions(self, reader: LineRows | TableRows) -> Iterator[Convert]:
        """One for each batch; a file that turns out to be no dataset ends with one bad row."""
        try:
            if isinstance(reader, LineRows):
                plan, renames = self._plan, self._renames
                lines = LineConverter(plan, renames, self._tally, write=self._write)
                for batch in reader.batches():
                    yield partial(lines.convert, batch)
            else:
                yield from self._of_table(reader)
        except FileFault as fault:
            yield partial(_fault, fault)

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


def _nothing(_: Take | None) -> Outcome:
    return Outcome(read=0)


def _fault(fault: FileFault, _: Take | None) -> Outcome:
    return Outcome(read=1, bad=[BadRow(fault.line, b"", [fault])])
