"""One pass over all rows of all files: convert each, and account for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcc_core.staging.model.report import FileLedger, Ledger, StagingProgress
from mlcc_core.staging.model.rows import BatchResult, InvalidRow, Take
from mlcc_core.staging.results.error_log import ErrorLog
from mlcc_core.staging.results.row_errors import DatasetError, no_rows
from mlcc_core.staging.rules.plan import Plan, Tally
from mlcc_core.staging.run.batches import Batch, Batches

if TYPE_CHECKING:
    from mlcc_core.staging.model.request import DatasetJob


@dataclass
class _Count:
    """The counts of one file's rows."""

    read: int = 0
    written: int = 0
    failed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


class OnePass:
    """Converts a dataset by a plan.

    Args:
        take: takes converted JSON lines, in order, in pieces that each end a line; ``None``
            where they are not wanted.
        leave: takes file name and row of each row that is left out on request.
        tell: takes the progress after each batch.
        faulty: takes the rows that are wrong.
        all_or_nothing: once a row is wrong, only the other errors are wanted.

    Attributes:
        tally: what was met.
        faulty: the rows that are wrong.
    """

    def __init__(
        self,
        job: DatasetJob,
        plan: Plan,
        *,
        take: Take | None,
        leave: Callable[[str, InvalidRow], None] = lambda file, row: None,
        tell: Callable[[StagingProgress], None] = lambda progress: None,
        faulty: ErrorLog | None = None,
        all_or_nothing: bool = False,
    ) -> None:
        self._job = job
        self._plan = plan
        self._take = take
        self._leave = leave
        self._tell = tell
        self._all_or_nothing = all_or_nothing
        sizes = [file.size for file in job.listing.files]
        self._size = None if None in sizes else sum(size or 0 for size in sizes)
        self._rows = 0
        self._fetched = 0
        self.tally = Tally()
        self.faulty = faulty or ErrorLog()

    def run(self) -> Ledger:
        """Convert everything.

        Raises:
            MlccError: a file that cannot be read, no rows at all.
            PlatformError: a file that cannot be reached.
        """
        counts = [_Count() for _ in self._job.listing.files]
        batches = Batches(self._job, self._plan, self.tally, write=self._take is not None)
        with batches.read() as each:
            for batch in each:
                wanted = not (self._all_or_nothing and self.faulty.rows)
                result = batch.convert(self._take if wanted else None)
                for place, part in batch.by_file(result):
                    self._account(part, place, batch.unit, counts[place])
                self._rows += result.read
                if result.read:
                    # A file's beginning, or all of a small one, is fetched before its first row.
                    self._fetched = batch.fetched
                self._tell_of(batch)
        ledger = Ledger(
            tuple(
                FileLedger(file.name, count.read, count.written, dict(count.skipped), count.failed)
                for file, count in zip(self._job.listing.files, counts, strict=True)
            )
        )
        if ledger.read == 0:
            raise no_rows(self._job.listing.label)
        return ledger

    def raise_errors(self) -> None:
        """Raise what is wrong with the rows, if anything is."""
        if self.faulty.rows:
            raise DatasetError(self._job, self.faulty.errors, self.faulty.rows)

    def _account(self, result: BatchResult, place: int, unit: str, count: _Count) -> None:
        name = self._job.listing.files[place].name
        for row in result.bad:
            if row.lossy and self._job.conversion.on_misfit == "skip":
                count.skipped[f"{row.issues[0].column}: {row.issues[0].reason}"] += 1
                self._leave(name, row)
            else:
                count.failed += 1
                self.faulty.take(row, name, unit)
        count.read += result.read
        count.written += result.written

    def _tell_of(self, batch: Batch) -> None:
        files = self._job.listing.files
        self._tell(
            StagingProgress(
                files[batch.last].name,
                batch.last + 1,
                len(files),
                self._rows,
                self._fetched,
                self._size,
            )
        )
