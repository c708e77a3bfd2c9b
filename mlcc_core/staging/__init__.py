"""The staging pipeline: any dataset in, one checked JSONL file out.

Order, always: download, column rename, detect chat format, flatten, validate types, write JSONL.
Nothing heavy is imported before one of the four functions below is called.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mlcc_core.staging.model.report import (
    CheckReport,
    ColumnSummary,
    EvaluatorValues,
    FileColumns,
    FileLedger,
    Inspection,
    Ledger,
    StagingProgress,
    StagingReport,
    TokenSummary,
)
from mlcc_core.staging.model.request import Conversion, DatasetJob
from mlcc_core.staging.model.row_error import ERRORS_KEPT, ErrorKind, RowError
from mlcc_core.staging.results.row_errors import DatasetError
from mlcc_core.staging.rules.columns import parse_column_map

if TYPE_CHECKING:
    from mlcc_core.staging.results.token_tally import TokenTally
    from mlcc_core.staging.run.inspection import Survey

__all__ = [
    "ERRORS_KEPT",
    "CheckReport",
    "ColumnSummary",
    "Conversion",
    "DatasetError",
    "DatasetJob",
    "ErrorKind",
    "EvaluatorValues",
    "FileColumns",
    "FileLedger",
    "Inspection",
    "Ledger",
    "RowError",
    "StagingProgress",
    "StagingReport",
    "TokenSummary",
    "check",
    "inspect",
    "parse_column_map",
    "stage",
    "survey",
    "validate_in_place",
]


def inspect(job: DatasetJob) -> Inspection:
    """Look at listings, footers and first rows; nothing is converted and nothing is written.

    Problems of the dataset are in ``Inspection.problems``, all of it at once.

    Raises:
        PlatformError: a file cannot be reached.
    """
    return survey(job).inspection


def survey(job: DatasetJob) -> Survey:
    """Inspect a dataset, and keep the first look for :func:`stage` or :func:`validate_in_place`.

    Raises:
        PlatformError: a file cannot be reached.
    """
    from mlcc_core.staging.run.inspection import survey as run

    return run(job)


def stage(
    job: DatasetJob,
    sink: BinaryIO,
    *,
    found: Survey | None = None,
    rejects: Path | None = None,
    progress: Callable[[StagingProgress], None] = lambda progress: None,
) -> StagingReport:
    """Convert the whole dataset into ``sink``, validating every row.

    When it raises, ``sink`` holds a part of the dataset: leave it uncommitted. ``rejects`` is
    written only if rows were skipped, and only when all went well.

    Args:
        sink: takes UTF-8 JSONL with one newline after each row.
        found: by :func:`survey` for the same job; ``None``: look now. A file that has changed
            since is an error of whoever reads it.
        rejects: takes the rows that ``on_misfit="skip"`` leaves out, as JSON lines with file,
            line, column, reason and row.
        progress: called after each batch.

    Raises:
        DatasetError: rows that are wrong or do not fit; the first leads, all are counted.
        MlccError: anything else that is wrong with the dataset or with what was asked.
        PlatformError: a file cannot be reached, or ``sink`` or ``rejects`` cannot be written.
    """
    from mlcc_core.staging.run.stager import stage as run

    return run(job, sink, found=found, rejects=rejects, progress=progress)


def validate_in_place(
    job: DatasetJob, *, found: Survey | None = None, full: bool = False
) -> StagingReport:
    """Validate a dataset that is used where it is (``Inspection.plain``), by ranged reads.

    Args:
        found: by :func:`survey` for the same job; ``None``: look now.
        full: every line; otherwise the first ten.

    Raises:
        DatasetError: the first malformed line leads, all that were looked at are counted.
        PlatformError: the file cannot be reached.
    """
    from mlcc_core.staging.run.stager import validate_in_place as run

    return run(job, found=found, full=full)


def check(
    job: DatasetJob,
    *,
    fixed: BinaryIO | None = None,
    rejects: Path | None = None,
    cap: int = ERRORS_KEPT,
    tokens: TokenTally | None = None,
    progress: Callable[[StagingProgress], None] = lambda progress: None,
) -> CheckReport:
    """Look at every row and report every error; only the summary of the data is added.

    Args:
        fixed: takes the rows that are right, converted; ``None`` to write nothing.
        rejects: takes the rows that ``on_misfit="skip"`` leaves out, as :func:`stage` does.
        cap: errors and misfits that are kept word for word; all are counted.
        tokens: counts the tokens of the rows that are right; ``None`` to count none.
        progress: called after each batch.

    Raises:
        MlccError: the dataset cannot be read as what it should be, so there are no rows to
            report on (damaged file, missing column, schema divergence); ``tokens`` has to count
            every row, and cannot.
        PlatformError: a file cannot be reached, or ``fixed`` or ``rejects`` cannot be written.
    """
    from mlcc_core.staging.run.checker import check as run

    return run(job, fixed=fixed, rejects=rejects, cap=cap, tokens=tokens, progress=progress)
