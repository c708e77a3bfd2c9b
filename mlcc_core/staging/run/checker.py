"""Check a dataset: every row, every error, and the valid rows in numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, BinaryIO

from mlcc_core.errors import raise_all
from mlcc_core.staging.advice.context import context_warnings, silent_notes
from mlcc_core.staging.advice.equal_answers import equal_warnings, raise_if_all_equal
from mlcc_core.staging.advice.notes import (
    evaluator_values,
    final_notes,
    last_warnings,
    take_note,
)
from mlcc_core.staging.advice.printed_messages import mend_printed
from mlcc_core.staging.convert.sink_writer import SinkWriter
from mlcc_core.staging.model.report import CheckReport, StagingProgress
from mlcc_core.staging.model.row_error import ERRORS_KEPT
from mlcc_core.staging.results.error_log import ErrorLog
from mlcc_core.staging.results.rejects import Rejects
from mlcc_core.staging.results.summary import Summary
from mlcc_core.staging.run.background import background_worker
from mlcc_core.staging.run.held_out import RowHashes
from mlcc_core.staging.run.one_pass import OnePass
from mlcc_core.staging.run.preview import preview as preview_dataset

if TYPE_CHECKING:
    from pathlib import Path

    from mlcc_core.staging.model.hold_out import HoldOut
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.results.token_tally import TokenTally

PIECE = 256 << 10
"""Bytes of rows that are counted at once: few enough to stay in the processor's cache."""


def check(
    job: DatasetJob,
    *,
    fixed: BinaryIO | None = None,
    rejects: Path | None = None,
    cap: int = ERRORS_KEPT,
    tokens: TokenTally | None = None,
    progress: Callable[[StagingProgress], None] = lambda progress: None,
    hold_out: HoldOut | None = None,
    prompts: RowHashes | None = None,
) -> CheckReport:
    """Validate every row, and report every error and the valid rows in numbers.

    Args:
        job: the dataset.
        fixed: takes the rows that are right, converted; ``None`` to write nothing.
        rejects: takes the rows that ``on_misfit="skip"`` leaves out, as for :func:`stage`.
        cap: errors that are kept word for word; all are counted.
        tokens: counts the tokens of the rows that are right; ``None`` to count none.
        progress: called after each batch.
        hold_out: chooses rows to be held out of training, which the ledger then counts.
        prompts: takes the hashes of the prompts of all good rows.

    Raises:
        MlccError: the dataset cannot be read as rows (damaged file, missing column, schema
            divergence), or ``tokens`` has to count every row and cannot.
        PlatformError: a file cannot be reached, or ``fixed`` or ``rejects`` cannot be written.
    """
    preview = preview_dataset(job)
    raise_all(preview.certain_problems())
    summary = Summary()
    output = SinkWriter(fixed, "The file of good rows") if fixed is not None else None
    hashes = prompts or (RowHashes() if hold_out is not None else None)
    size = 0

    def write(data: bytes) -> None:
        nonlocal size
        for piece in pieces(data):
            size += len(piece)
            summary.add(piece)
            if hashes is not None:
                hashes.add(piece)
            if output is not None:
                output(piece)
            if count is not None and tokens is not None and not tokens.full:
                count(piece)

    rejected = Rejects(rejects)
    errors = ErrorLog(cap, every_issue=True)
    one_pass = OnePass(
        job,
        preview.plan,
        write=write,
        reject=rejected.add,
        on_progress=progress,
        errors=errors,
        row_counts=preview.row_counts,
    )
    try:
        with background_worker(tokens.count) if tokens is not None else nullcontext() as count:
            ledger = one_pass.convert_all()
        raise_if_all_equal(job, one_pass.tally, ledger)
        if hashes is not None and hold_out is not None:
            ledger = hashes.chosen(hold_out, ledger)[1]
        rejected.commit()
    finally:
        rejected.discard()
    plan, tally = preview.plan, one_pass.tally
    written, dropped = preview.written_columns(tally), preview.dropped_columns(tally)
    kinds = errors.kinds()
    firsts = [kind.first for kind in kinds]
    mend = mend_printed(job, firsts)
    take = job.conversion.take
    taken = () if take is None else (take_note(take, ledger),)
    return CheckReport(
        rows=ledger.read,
        valid=ledger.written,
        bytes=size,
        errors=tuple(errors.errors),
        error_count=errors.rows,
        fault_count=errors.issues,
        kinds=tuple(kinds),
        duplicates=summary.duplicates(),
        columns=summary.columns(written),
        dropped=dropped,
        notes=(*final_notes(plan, tally, written), *silent_notes(plan, dropped), *taken),
        warnings=(
            *preview.warnings,
            *last_warnings(plan, tally, ledger),
            *equal_warnings(job, tally, ledger),
            *context_warnings(job, plan, firsts),
            *([f"To make rows of messages that were printed:\n{mend}"] if mend else ()),
        ),
        ledger=ledger,
        evaluators=evaluator_values(job, tally),
        tokens=tokens.summary() if tokens is not None else None,
    )


def pieces(lines: bytes) -> Iterator[bytes]:
    """Split text into pieces of about ``PIECE`` bytes, each of whole lines."""
    start = 0
    while start < len(lines):
        end = lines.find(b"\n", start + PIECE - 1) + 1 or len(lines)
        yield lines[start:end]
        start = end
