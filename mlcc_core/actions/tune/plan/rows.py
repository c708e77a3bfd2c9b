"""The rows of a dataset: good, left out or wrong, counted before a job or read from a record."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mlcc_core.staging import (
    FileLedger,
    Ledger,
    StagingProgress,
    StagingReport,
    stage,
)
from mlcc_core.staging.run.held_out import HeldOutPart

if TYPE_CHECKING:
    from mlcc_core.actions.session import Session
    from mlcc_core.actions.tune.plan.dataset import Dataset
    from mlcc_core.project.project import Project
    from mlcc_core.staging import DatasetJob, DatasetPreview

OTHER_ROWS = "held_out_rows"
"""Key of a staged dataset's record: the rows of the other dataset that are held out."""

READ_WHOLE = 2**30
"""Bytes of a remote dataset that are read to count its rows, unless all are asked for."""

REASONS_SHOWN = 20


@dataclass(frozen=True)
class RowCount:
    """The rows of a dataset.

    Attributes:
        ledger: what became of each; ``None`` where they were not counted.
        rejects: the file with the rows that were left out, or the one that ``tune`` writes.
        whole: every row was read; otherwise the first ones.
        held_out: says which rows are held out of training.
    """

    ledger: Ledger | None
    rejects: Path | None = None
    whole: bool = True
    held_out: str | None = None

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
        return Ledger(tuple(FileLedger(**entry) for entry in entries))
    except (TypeError, KeyError, AttributeError, AssertionError):
        return None


def saved_rows(dataset: Dataset, record: Mapping[str, object], rejects: Path | None) -> RowCount:
    """Return the rows of a dataset that was staged before.

    Args:
        dataset: as the plan has it.
        record: that was committed with it.
        rejects: the file with the rows that were left out, if there is one.
    """
    ledger = saved_ledger(record.get("ledger"))
    others = cast("int | None", record.get(OTHER_ROWS))
    return RowCount(ledger, rejects, held_out=dataset.held_out.in_words(ledger, others))


def count_rows(
    dataset: Dataset,
    session: Session,
    *,
    full: bool,
    progress: Callable[[StagingProgress], None] = lambda progress: None,
) -> RowCount:
    """Count the rows of a dataset that is to be staged, with the fate of each; write nothing.

    Args:
        dataset: neither used in place nor staged before: ``prepare`` knows the rows of those.
        session: project and platform.
        full: read all, however large; otherwise a remote dataset above 1 GiB is not read.
        progress: called after each batch.

    Raises:
        DatasetError: rows that are wrong.
        PlatformError: the source cannot be reached.
    """
    held_out = dataset.held_out
    if not (full or _is_near(dataset.job)):
        return RowCount(None, held_out=held_out.in_words())
    part = HeldOutPart(held_out.rule, mend=held_out.mend) if held_out.rule else None
    ledger = count_all(dataset.job, dataset.preview, progress, part).ledger
    others = None
    if held_out.other is not None and (full or _is_near(held_out.other.job)):
        others = count_all(held_out.other.job, held_out.other.preview, progress).rows
    rejects = rejects_path(session.project, dataset.preview.key)
    return RowCount(ledger, rejects, held_out=held_out.in_words(ledger, others))


def count_all(
    job: DatasetJob,
    preview: DatasetPreview,
    progress: Callable[[StagingProgress], None],
    part: HeldOutPart | None = None,
) -> StagingReport:
    """Convert every row, and write none.

    Args:
        job: the dataset.
        preview: of it.
        progress: called after each batch.
        part: the rows that would be held out.

    Raises:
        DatasetError: rows that are wrong.
        PlatformError: the source cannot be reached.
    """
    with Path(os.devnull).open("wb") as nowhere:
        return stage(job, nowhere, preview=preview, progress=progress, held_out=part)


def _is_near(job: DatasetJob) -> bool:
    files = job.listing.files
    if all(file.path is not None for file in files):
        return True
    sizes = [file.size for file in files]
    return None not in sizes and sum(size or 0 for size in sizes) <= READ_WHOLE
