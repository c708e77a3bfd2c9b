"""Stage a dataset, or validate one in place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mlcc_core.errors import MlccError, raise_all
from mlcc_core.staging.advice.context import silent_notes
from mlcc_core.staging.advice.equal_answers import equal_warnings, raise_if_all_equal
from mlcc_core.staging.advice.notes import evaluator_values, final_notes, last_warnings
from mlcc_core.staging.convert.lines import convert_lines
from mlcc_core.staging.convert.rows import RowConverter
from mlcc_core.staging.model.hints import new_file, shell_path, written_to
from mlcc_core.staging.model.read_note import in_words
from mlcc_core.staging.model.report import (
    FileLedger,
    Ledger,
    NotReached,
    StagingProgress,
    StagingReport,
)
from mlcc_core.staging.model.rows import Write
from mlcc_core.staging.results.rejects import Rejects
from mlcc_core.staging.results.row_sample import RowSample
from mlcc_core.staging.run.budget import UNLIMITED, ReadLimit
from mlcc_core.staging.run.held_out import HeldOutPart, RowHashes, Undivided, dividing
from mlcc_core.staging.run.one_pass import OnePass
from mlcc_core.staging.run.preview import DatasetPreview
from mlcc_core.staging.run.preview import preview as preview_dataset

if TYPE_CHECKING:
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.rules.plan import ConversionPlan, Tally


def stage(
    job: DatasetJob,
    sink: BinaryIO,
    *,
    preview: DatasetPreview | None = None,
    rejects: Path | None = None,
    limit: ReadLimit = UNLIMITED,
    progress: Callable[[StagingProgress], None] = lambda progress: None,
    held_out: HeldOutPart | None = None,
    prompts: RowHashes | None = None,
    sample: RowSample | None = None,
) -> StagingReport:
    """Convert the whole dataset into ``sink``, validating every row.

    If it raises, ``sink`` holds a part of the dataset: do not commit it. ``rejects`` is written
    only if rows were skipped, and only after all else succeeded.

    Args:
        job: the dataset.
        sink: takes UTF-8 JSONL with one newline after each row.
        preview: of the same job; ``None``: made now. A file that has changed since
            raises an error when it is read.
        rejects: takes the rows that ``on_misfit="skip"`` leaves out, as JSON lines with file,
            line, column, reason and row.
        limit: what is read at most, to look at a dataset that is not staged yet.
        progress: called after each batch.
        held_out: rows that do not go into ``sink``, and where they go instead.
        prompts: takes the hashes of the prompts of all rows.
        sample: takes the rows that are not held out.

    Raises:
        DatasetError: rows that are wrong or do not fit; the first leads, all are counted.
        MlccError: anything else that is wrong with the dataset or with the request.
        PlatformError: a file cannot be reached, or ``sink`` or ``rejects`` cannot be written.
    """
    preview = preview or preview_dataset(job)
    raise_all(preview.certain_problems())
    rejected = Rejects(rejects)
    with dividing(held_out, sink) if held_out else nullcontext(Undivided(sink)) as parts:
        write: Write = prompts.beside(parts.output) if prompts else parts.output
        one_pass = OnePass(
            job,
            preview.plan,
            write=sample.beside(write) if sample else write,
            reject=rejected.add,
            on_progress=progress,
            all_or_nothing=True,
            limit=limit,
            row_counts=preview.row_counts,
        )
        try:
            ledger = one_pass.convert_all()
            one_pass.raise_errors()
            if ledger.written == 0 and (limit == UNLIMITED or not ledger.not_reached):
                raise _nothing_left(job, ledger)
            raise_if_all_equal(job, one_pass.tally, ledger)
            ledger = parts.divide(ledger)
            if sample is not None:
                sample.leave_out(parts.held_out)
            rejected.commit()
        finally:
            rejected.discard()
        return _report(job, preview, one_pass.tally, ledger, parts.size)


def _nothing_left(job: DatasetJob, ledger: Ledger) -> MlccError:
    reasons = [
        f"{entry.file}: {count} {reason}"
        for entry in ledger.files
        for reason, count in entry.skipped.items()
    ]
    nothing = f"No row of {job.listing.label} is left"
    if job.conversion.on_misfit == "fail":
        return MlccError(
            f"{nothing}: its technique leaves out all {ledger.skipped}.",
            where="--dataset",
            hint=job.check_hint(),
            detail=reasons,
        )
    return MlccError(
        f"{nothing}: all {ledger.skipped} were skipped as misfits.",
        where="--on-misfit",
        hint=job.command_with(on_misfit="fail"),
        detail=reasons,
    )


def validate_in_place(
    job: DatasetJob,
    *,
    preview: DatasetPreview | None = None,
    full: bool = False,
    limit: ReadLimit = UNLIMITED,
    progress: Callable[[StagingProgress], None] = lambda progress: None,
) -> StagingReport:
    """Validate a dataset that is used where it is (``DatasetPreview.plain``), by ranged reads.

    Args:
        job: the dataset.
        preview: of the same job; ``None``: made now.
        full: every line, as far as ``limit`` goes; otherwise the first ten of the preview.
        limit: what is read at most.
        progress: called after each batch.

    Raises:
        DatasetError: the first malformed line leads, all errors in the lines read are counted.
        PlatformError: the file cannot be reached.
    """
    preview = preview or preview_dataset(job)
    raise_all(preview.certain_problems() if full else preview.problems)
    plan = _unchanging(preview.plan)
    if full:
        one_pass = OnePass(job, plan, write=None, on_progress=progress, limit=limit)
        ledger = one_pass.convert_all()
        one_pass.raise_errors()
        raise_if_all_equal(job, one_pass.tally, ledger)
        _refuse_reading(job, one_pass.tally)
        return _report(job, preview, one_pass.tally, ledger, 0)
    if not preview.plain:
        raise MlccError(
            f"{job.listing.label} cannot be used as it is; it has to be staged.",
            hint=job.command_with(),
        )
    first = preview.files[0]
    one_pass = OnePass(job, plan, write=None)
    result = convert_lines(first.lines, RowConverter(plan, {}, one_pass.tally))
    left = NotReached() if first.goes_on else None
    failed = len(result.invalid)
    entry = FileLedger(
        first.file.name, result.read, result.written, failed=failed, not_reached=left
    )
    return _report(job, preview, one_pass.tally, Ledger((entry,)), 0)


def _refuse_reading(job: DatasetJob, tally: Tally) -> None:
    """Refuse a dataset in place whose rows another reader would not find on its lines."""
    found = next(in_words(tally.reading, counted=True), None)
    if found is None:
        return
    name = job.listing.files[0].name
    program = "jq -c 'if type == \"array\" then .[] else . end'"
    to = new_file(name, "rows")
    raise MlccError(
        f"{found}; a dataset that is used where it is has one object on each line.",
        hint=written_to(f"{program} < {shell_path(name, job.listing.files[0].path)}", to),
    )


def _unchanging(plan: ConversionPlan) -> ConversionPlan:
    """Return the plan for rows that stay as they are: text does not become messages."""
    return replace(plan, columns=tuple(column.unchanging() for column in plan.columns))


def _report(
    job: DatasetJob,
    preview: DatasetPreview,
    tally: Tally,
    ledger: Ledger,
    size: int,
) -> StagingReport:
    dropped = preview.dropped_columns(tally)
    written = preview.written_columns(tally)
    return StagingReport(
        rows=ledger.trained,
        bytes=size,
        columns=written,
        dropped=dropped,
        notes=(*final_notes(preview.plan, tally, written), *silent_notes(preview.plan, dropped)),
        warnings=(
            *preview.warnings,
            *last_warnings(preview.plan, tally, ledger),
            *equal_warnings(job, tally, ledger),
        ),
        ledger=ledger,
        evaluators=evaluator_values(job, tally),
    )
