"""One pass over all rows of all files: convert each, and account for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlcc_core.staging.faults import FileFault
from mlcc_core.staging.outcome import BadRow, Outcome, Take
from mlcc_core.staging.overlap import ReadAhead
from mlcc_core.staging.plan import Plan, Tally
from mlcc_core.staging.problems import DatasetError, RowError, row_errors
from mlcc_core.staging.readers import LineRows, open_rows
from mlcc_core.staging.report import FileLedger, Ledger, StagingProgress
from mlcc_core.staging.survey import no_rows
from mlcc_core.staging.typed import LineConverter

if TYPE_CHECKING:
    from mlcc_core.source import DatasetFile
    from mlcc_core.staging.request import DatasetJob
    from mlcc_core.staging.tables import TableRows


class Passage:
    """Converts a dataset by a plan.

    Args:
        take: takes converted JSON lines, in order, in pieces that each end a line; ``None``
            where they are not wanted.
        leave: takes file name and row of each row that is left out on request.
        tell: takes the progress after each batch.
        cap: errors to keep word for word.
        every_fault: keep each fault of a row, not only its first.

    Attributes:
        tally: what was met.
        errors, failed: the first errors, and the number of rows that have any.
    """

    def __init__(
        self,
        job: DatasetJob,
        plan: Plan,
        *,
        take: Take | None,
        leave: Callable[[str, BadRow], None] = lambda file, row: None,
        tell: Callable[[StagingProgress], None] = lambda progress: None,
        cap: int = 100,
        every_fault: bool = False,
    ) -> None:
        self._job = job
        self._plan = plan
        self._take = take
        self._leave = leave
        self._tell = tell
        self._cap = cap
        self._faults_kept = None if every_fault else 1
        sizes = [file.size for file in job.listing.files]
        self._size = None if None in sizes else sum(size or 0 for size in sizes)
        self._rows = 0
        self._bytes = 0
        self.tally = Tally()
        self.errors: list[RowError] = []
        self.failed = 0

    def run(self) -> Ledger:
        """Convert everything.

        Raises:
            MlccError: a file that cannot be read, no rows at all.
            PlatformError: a file that cannot be reached.
        """
        entries = [
            self._run_file(number, file) for number, file in enumerate(self._job.listing.files, 1)
        ]
        ledger = Ledger(tuple(entries))
        if ledger.read == 0:
            raise no_rows(self._job.listing.label)
        return ledger

    def raise_errors(self) -> None:
        """Raise what is wrong with the rows, if anything is."""
        if self.errors:
            raise DatasetError(self._job, self.errors, self.failed)

    def _run_file(self, number: int, file: DatasetFile) -> FileLedger:
        read = written = failed = 0
        skipped: Counter[str] = Counter()
        with open_rows(self._job, file) as (reader, counter), self._outcomes(reader) as outcomes:
            while (outcome := _next(outcomes)) is not None:
                for row in outcome.bad:
                    if row.misfit and self._job.conversion.on_misfit == "skip":
                        skipped[f"{row.faults[0].column}: {row.faults[0].reason}"] += 1
                        self._leave(file.name, row)
                    else:
                        failed += 1
                        self._fail(row, file.name, reader.unit)
                read += outcome.read
                written += outcome.written
                self._rows += outcome.read
                self._tell(
                    StagingProgress(
                        file.name,
                        number,
                        len(self._job.listing.files),
                        self._rows,
                        self._bytes + counter.count,
                        self._size,
                    )
                )
            self._bytes += counter.count
        return FileLedger(file.name, read, written, dict(skipped), failed)

    @contextmanager
    def _outcomes(self, reader: LineRows | TableRows) -> Iterator[Iterator[Outcome]]:
        renames = dict(self._job.conversion.column_map)
        if isinstance(reader, LineRows):
            lines = LineConverter(self._plan, renames, self.tally, write=bool(self._take))
            yield (lines.convert(batch, self._take) for batch in reader.batches())
            return
        from mlcc_core.staging.parquet import ParquetRows
        from mlcc_core.staging.vectorized import TableConverter

        table = TableConverter(self._plan, reader.schema, renames, self.tally)
        fastest = reader.frames if isinstance(reader, ParquetRows) else reader.batches
        with ReadAhead(map(table.prepare, fastest(table.columns))) as prepared:
            yield (table.convert(batch, self._take) for batch in prepared)

    def _fail(self, row: BadRow, file: str, unit: str) -> None:
        self.failed += 1
        if len(self.errors) < self._cap:
            found = row_errors(row, file, unit)[: self._faults_kept]
            self.errors += found[: self._cap - len(self.errors)]


def _next(outcomes: Iterator[Outcome]) -> Outcome | None:
    """The next batch; a file that turns out to be no dataset ends with one bad row."""
    try:
        return next(outcomes, None)
    except FileFault as fault:
        return Outcome(read=1, bad=[BadRow(fault.line, b"", [fault])])
