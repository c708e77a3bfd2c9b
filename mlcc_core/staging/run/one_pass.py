"""One pass over all rows of all files: convert each, and account for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcc_core.staging.advice.context import mend_of
from mlcc_core.staging.advice.printed_messages import mend_printed
from mlcc_core.staging.model.read_note import split_lines
from mlcc_core.staging.model.report import FileLedger, Ledger, NotReached, StagingProgress
from mlcc_core.staging.model.rows import BatchResult, InvalidRow, Write
from mlcc_core.staging.results.error_log import ErrorLog
from mlcc_core.staging.results.row_errors import DatasetError, no_rows
from mlcc_core.staging.rules.plan import ConversionPlan, Tally
from mlcc_core.staging.run.batches import Batch, Batches
from mlcc_core.staging.run.budget import UNLIMITED, ReadLimit

if TYPE_CHECKING:
    from mlcc_core.staging.model.request import DatasetJob

MOST_REASONS = 1000
"""Reasons for rows that are left out, counted one by one at most."""

OTHER_REASONS = "other reasons"


@dataclass
class _RowCounts:
    """Counts of one file's rows."""

    read: int = 0
    written: int = 0
    failed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    split: int = 0
    unread: str = ""

    def skip(self, reason: str) -> None:
        """Count a row that is left out: a reason may hold a number unique to its row."""
        known = reason in self.skipped or len(self.skipped) < MOST_REASONS
        self.skipped[reason if known else OTHER_REASONS] += 1

    def entry(self, file: str, left: NotReached | None) -> FileLedger:
        """Return the entry of the ledger for the file of that name."""
        skipped = dict(self.skipped)
        return FileLedger(file, self.read, self.written, skipped, self.failed, self.unread, left)


class OnePass:
    """Converts a dataset by a plan.

    Args:
        write: takes converted JSON lines, in order, in pieces that each end a line; ``None``
            where they are not wanted.
        reject: takes file name and row of each row that is left out on request.
        on_progress: takes the progress after each batch.
        errors: takes the rows that are wrong.
        all_or_nothing: once a row is wrong, nothing more is written; only errors are collected.
        limit: what is read at most, beside the rows that the conversion takes.
        row_counts: rows of files, by name, as far as they are known before they are read.

    Attributes:
        tally: counts of what the rows hold.
        errors: the rows that are wrong.
    """

    def __init__(
        self,
        job: DatasetJob,
        plan: ConversionPlan,
        *,
        write: Write | None,
        reject: Callable[[str, InvalidRow], None] = lambda file, row: None,
        on_progress: Callable[[StagingProgress], None] = lambda progress: None,
        errors: ErrorLog | None = None,
        all_or_nothing: bool = False,
        limit: ReadLimit = UNLIMITED,
        row_counts: Mapping[str, int] | None = None,
    ) -> None:
        self._job = job
        self._plan = plan
        self._write = write
        self._reject = reject
        self._on_progress = on_progress
        self._all_or_nothing = all_or_nothing
        self._limit = limit.at_most(job.conversion.take)
        self._row_counts = row_counts
        sizes = [file.size for file in job.listing.files]
        self._size = None if None in sizes else sum(size or 0 for size in sizes)
        self._rows = 0
        self._fetched = 0
        self.tally = Tally()
        self.errors = errors or ErrorLog()

    def convert_all(self) -> Ledger:
        """Convert every row of every file.

        Raises:
            MlccError: a file that cannot be read, or a dataset without rows.
            PlatformError: a file that cannot be reached.
        """
        counts = [_RowCounts() for _ in self._job.listing.files]
        reader = Batches(
            self._job,
            self._plan,
            self.tally,
            wanted=self._write is not None,
            limit=self._limit,
            row_counts=self._row_counts,
        )
        with reader.read() as batches:
            for batch in batches:
                wanted = not (self._all_or_nothing and self.errors.rows)
                result = batch.convert(self._write if wanted else None)
                for index, part in batch.by_file(result):
                    self._account(part, index, batch.unit, counts[index])
                self._rows += result.read
                if result.read:
                    # A file's beginning, or all of a small one, is fetched before its first row.
                    self._fetched = batch.fetched
                self._report_progress(batch)
        ledger = Ledger(
            tuple(
                count.entry(file.name, reader.not_reached.get(index))
                for index, (file, count) in enumerate(
                    zip(self._job.listing.files, counts, strict=True)
                )
            )
        )
        for file, count in zip(self._job.listing.files, counts, strict=True):
            if count.split:
                found = (*self.tally.reading.get(file.name, ()), split_lines(count.split))
                self.tally.reading[file.name] = found
        if ledger.read == 0:
            raise no_rows(self._job.listing.label)
        return ledger

    def raise_errors(self) -> None:
        """Raise the errors of rows that were found so far.

        Raises:
            DatasetError: at least one row is wrong.
        """
        if self.errors.rows:
            errors = self.errors.errors
            mend = mend_of(self._job, self._plan, errors) or mend_printed(self._job, errors)
            raise DatasetError(self._job, errors, self.errors.rows, mend=mend)

    def _account(self, result: BatchResult, index: int, unit: str, count: _RowCounts) -> None:
        name = self._job.listing.files[index].name
        for row in result.invalid:
            if row.left_out(self._job.conversion.on_misfit):
                count.skip(row.reason)
                self._reject(name, row)
            else:
                count.failed += 1
                self.errors.add(row, name, unit)
        if result.stopped is not None:
            count.unread = str(result.stopped)
        count.split += result.split
        count.read += result.read
        count.written += result.written

    def _report_progress(self, batch: Batch) -> None:
        files = self._job.listing.files
        self._on_progress(
            StagingProgress(
                files[batch.last_file].name,
                batch.last_file + 1,
                len(files),
                self._rows,
                self._fetched,
                self._size,
            )
        )
