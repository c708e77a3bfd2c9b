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

if TYPE_CHECKING:
    from mlcc_core.actions.session import Session
    from mlcc_core.actions.tune.plan.dataset import Dataset
    from mlcc_core.project.project import Project

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
    """

    ledger: Ledger | None
    rejects: Path | None = None
    whole: bool = True

    def lines(self) -> Iterator[str]:
        """Say it to people, as ``mlcc check`` does.

        Example:
            📋 Rows: 3 read = 2 good + 1 left out + 0 wrong
               chats.jsonl: 1 completion: several messages
            ℹ️  Rows left out, with the reasons: .mlcc/rejects/5b1c….jsonl
        """
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
    if not (full or _is_near(dataset)):
        return RowCount(None)
    rejects = rejects_path(session.project, dataset.preview.key)
    return RowCount(_staged_nowhere(dataset, progress).ledger, rejects)


def _staged_nowhere(dataset: Dataset, progress: Callable[[StagingProgress], None]) -> StagingReport:
    with Path(os.devnull).open("wb") as nowhere:
        return stage(dataset.job, nowhere, preview=dataset.preview, rejects=None, progress=progress)


def _is_near(dataset: Dataset) -> bool:
    files = dataset.job.listing.files
    if all(file.path is not None for file in files):
        return True
    sizes = [file.size for file in files]
    return None not in sizes and sum(size or 0 for size in sizes) <= READ_WHOLE
