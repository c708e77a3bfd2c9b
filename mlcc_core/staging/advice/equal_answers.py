"""Rows in which two columns are the same that should differ: nothing is learned from them."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import plural
from mlcc_core.staging.model.report import Ledger
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.rules.plan import Tally


def equal_warnings(job: DatasetJob, tally: Tally, ledger: Ledger) -> Iterator[str]:
    """Yield a warning for each pair of columns that is the same in some of the written rows."""
    for first, second in job.schema.differ:
        count = tally.equal[second]
        if count:
            yield (
                f"{plural(count, 'row')} of {ledger.written:,} with the same in '{first}' and "
                f"'{second}': nothing is learned from them. To leave them out:\n"
                f"{job.command_with(on_misfit='skip')}"
            )


def raise_if_all_equal(job: DatasetJob, tally: Tally, ledger: Ledger) -> None:
    """Refuse a dataset of which no row teaches anything.

    Raises:
        MlccError: two columns that should differ are the same in every row.
    """
    for first, second in job.schema.differ:
        if ledger.written and not ledger.failed and tally.equal[second] == ledger.written:
            rows = "the only row" if ledger.written == 1 else f"all {ledger.written:,} rows"
            raise MlccError(
                f"Columns {first!r} and {second!r} are the same in {rows} of {job.listing.label}, "
                f"expected rows in which they differ: there is nothing to learn.",
                where="--dataset",
                hint="name a dataset in which they differ",
            )
