"""The rows of a dataset: good, left out or wrong, counted before a job or read from a record."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from mlcc_core.staging import (
    FileLedger,
    Ledger,
    NotReached,
    StagingProgress,
    StagingReport,
    stage,
)
from mlcc_core.staging.advice.notes import take_note
from mlcc_core.staging.run.budget import UNLIMITED, ReadLimit
from mlcc_core.staging.run.held_out import HeldOutPart, RowHashes
from mlcc_core.staging.run.look.first_lines import HEAD_ROWS

if TYPE_CHECKING:
    from mlcc_core.actions.session import Session
    from mlcc_core.actions.tune.plan.dataset import Dataset
    from mlcc_core.actions.tune.plan.held_out.files import PartFiles
    from mlcc_core.actions.tune.plan.request import Validate
    from mlcc_core.project.project import Project
    from mlcc_core.project.records import RunRecord
    from mlcc_core.staging import DatasetJob, DatasetPreview
    from mlcc_core.staging.results.row_sample import RowSample

OTHER_ROWS = "held_out_rows"
"""Key of a staged dataset's record: the rows of the other dataset that are held out."""

SHARED_ROWS = "held_out_rows_trained_on"
"""Key of it: those of them whose prompt is in the rows to train on, too."""

READ_WHOLE = 2**30
"""Bytes of a remote dataset that are read before a job, unless all are asked for."""

REASONS_SHOWN = 20


@dataclass(frozen=True)
class RowCount:
    """The rows of a dataset.

    Attributes:
        ledger: what became of each; ``None`` where they were not counted.
        rejects: the file with the rows that were left out, or the one that ``tune`` writes.
        take: the number of rows that are wanted; ``None`` for all.
        held_out: says which rows are held out of training.
    """

    ledger: Ledger | None
    rejects: Path | None = None
    take: int | None = None
    held_out: str | None = None

    @property
    def whole(self) -> bool:
        """Every row that is wanted was read."""
        if self.ledger is None:
            return False
        enough = self.take is not None and self.ledger.read >= self.take
        return enough or not self.ledger.not_reached

    def lines(self) -> Iterator[str]:
        """Say it to people, as ``mlcc check`` does.

        Example:
            📋 Rows: 3 read = 2 good + 1 left out + 0 wrong
               chats.jsonl: 1 completion: several messages
            ℹ️  Rows left out, with the reasons: .mlcc/rejects/5b1c….jsonl
        """
        if self.held_out is not None:
            yield f"📋 {self.held_out}"
        if self.ledger is None:
            return
        yield f"📋 {'Rows' if self.whole else 'First rows'}: {self.ledger.in_words()}"
        reasons = [
            f"   {entry.file}: {count:,} {reason}"
            for entry in self.ledger.files
            for reason, count in entry.skipped.items()
        ]
        yield from reasons[:REASONS_SHOWN]
        if len(reasons) > REASONS_SHOWN:
            yield f"   and {len(reasons) - REASONS_SHOWN:,} more reasons"
        if self.take is not None:
            yield f"ℹ️  {take_note(self.take, self.ledger)}"
        if self.rejects is not None and self.ledger.skipped:
            place = os.path.relpath(self.rejects)
            if self.rejects.exists():
                yield f"ℹ️  Rows left out, with the reasons: {place}"
            else:
                yield f"ℹ️  Rows left out will be written, with the reasons, to {place}"


def rejects_path(project: Project, key: str) -> Path:
    """Return where the rows are kept that staging leaves out on request."""
    return project.state_folder / "rejects" / f"{key}.jsonl"


def saved_ledger(saved: object) -> Ledger | None:
    """Return the ledger that a record holds; ``None`` where it holds none that adds up."""
    try:
        entries = cast("Mapping[str, Any]", saved)["files"]
        return Ledger(tuple(_saved_entry(**entry) for entry in entries))
    except (TypeError, KeyError, AttributeError, AssertionError):
        return None


def _saved_entry(not_reached: Mapping[str, Any] | None = None, **entry: Any) -> FileLedger:
    left = None if not_reached is None else NotReached(**not_reached)
    return FileLedger(**entry, not_reached=left)


def recorded_rows(record: RunRecord | None) -> RowCount:
    """Return the rows that a job was given, as its record has them."""
    if record is None:
        return RowCount(None)
    rejects = Path(record.rejects) if record.rejects else None
    take = record.asked.get("--take")
    return RowCount(
        saved_ledger(record.ledger),
        rejects,
        take if isinstance(take, int) else None,
        record.held_out,
    )


def saved_rows(dataset: Dataset, record: Mapping[str, object], rejects: Path | None) -> RowCount:
    """Return the rows of a dataset that was staged before.

    Args:
        dataset: as the plan has it.
        record: that was committed with it.
        rejects: the file with the rows that were left out, if there is one.
    """
    ledger = saved_ledger(record.get("ledger"))
    others = cast("int | None", record.get(OTHER_ROWS))
    shared = cast("int | None", record.get(SHARED_ROWS))
    held_out = dataset.held_out.in_words(ledger, others, shared or 0)
    return RowCount(ledger, rejects, dataset.job.conversion.take, held_out)


def count_rows(
    dataset: Dataset,
    session: Session,
    *,
    validate: Validate,
    progress: Callable[[StagingProgress], None] = lambda progress: None,
    sample: RowSample | None = None,
    into: PartFiles | None = None,
) -> tuple[RowCount, StagingReport]:
    """Count the rows of a dataset that is to be staged, with the fate of each.

    Args:
        dataset: neither used in place nor staged before: ``prepare`` knows the rows of those.
        session: project and platform.
        validate: how much of it is read.
        progress: called after each batch.
        sample: takes the rows to train on.
        into: files for the rows, as they would be staged; ``None`` writes none.

    Raises:
        DatasetError: rows that are wrong.
        PlatformError: the source cannot be reached.
    """
    held_out, limit = dataset.held_out, limit_of(dataset.job, validate)
    trained = RowHashes() if held_out.other is not None else None
    training, beside = (None, None) if into is None else (into.training, into.held_out)
    part = None
    if held_out.rule is not None and limit == UNLIMITED:
        part = HeldOutPart(held_out.rule, beside, mend=held_out.mend)
    report = count_all(
        dataset.job, dataset.preview, progress, part, limit, trained, sample, training
    )
    whole, others, shared = limit == UNLIMITED, None, 0
    if held_out.other is not None and trained is not None:
        other, all_of_it = held_out.other, limit_of(held_out.other.job, validate)
        prompts = RowHashes()
        found = count_all(other.job, other.preview, limit=all_of_it, prompts=prompts, into=beside)
        if all_of_it == UNLIMITED:
            others, shared = found.rows, prompts.meets(trained)
    said = held_out.in_words(report.ledger, others, shared) if whole else held_out.in_words()
    rejects = rejects_path(session.project, dataset.preview.key)
    return RowCount(report.ledger, rejects, dataset.job.conversion.take, said), report


def count_all(
    job: DatasetJob,
    preview: DatasetPreview,
    progress: Callable[[StagingProgress], None] = lambda progress: None,
    part: HeldOutPart | None = None,
    limit: ReadLimit = UNLIMITED,
    prompts: RowHashes | None = None,
    sample: RowSample | None = None,
    into: BinaryIO | None = None,
) -> StagingReport:
    """Convert the rows.

    Args:
        job: the dataset.
        preview: of it.
        progress: called after each batch.
        part: the rows that would be held out.
        limit: what is read at most.
        prompts: takes the hashes of the prompts of all rows.
        sample: takes the rows that are not held out.
        into: a file for the rows that are not held out; ``None`` writes none.

    Raises:
        DatasetError: rows that are wrong.
        PlatformError: the source cannot be reached.
    """
    with ExitStack() as files:
        return stage(
            job,
            into or files.enter_context(Path(os.devnull).open("wb")),
            preview=preview,
            limit=limit,
            progress=progress,
            held_out=part,
            prompts=prompts,
            sample=sample,
        )


def limit_of(job: DatasetJob, validate: Validate) -> ReadLimit:
    """Return what is read of a dataset, where nothing has to be written."""
    if validate == "quick":
        return ReadLimit(rows=HEAD_ROWS)
    if validate == "full" or all(file.path is not None for file in job.listing.files):
        return UNLIMITED
    sizes = [file.size for file in job.listing.files]
    small = None not in sizes and sum(size or 0 for size in sizes) <= READ_WHOLE
    return UNLIMITED if small else ReadLimit(bytes=READ_WHOLE)
