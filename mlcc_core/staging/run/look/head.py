"""The first rows of a file converted, as the whole file would be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcc_core.staging.results.row_errors import row_errors
from mlcc_core.staging.rules.plan import Tally
from mlcc_core.staging.run.look.convert_head import convert_head

if TYPE_CHECKING:
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.run.preview import DatasetPreview


@dataclass(frozen=True)
class FirstRows:
    """First rows, converted.

    Attributes:
        read: rows that were looked at.
        kept: those that are right, as they would be written.
        error: of the first that is not; empty where all are.
    """

    read: int
    kept: tuple[Mapping[str, object], ...]
    error: str = ""


def try_first_rows(job: DatasetJob, preview: DatasetPreview) -> FirstRows:
    """Convert the first rows of a dataset, to see how many are kept.

    Args:
        job: the dataset.
        preview: of it, without problems of its columns.
    """
    read, lines, errors = 0, bytearray(), []
    for file in preview.files:
        result = convert_head(preview.plan, file, job, Tally(), lines.extend)
        wrong = {row.place: row for row in (*file.invalid, *result.invalid)}
        first = [wrong[place] for place in sorted(wrong)[:1]]
        errors += [str(row_errors(row, file.file.name, file.unit)[0]) for row in first]
        read += result.written + len(wrong)
    kept = tuple(json.loads(line) for line in bytes(lines).split(b"\n") if line)
    return FirstRows(read, kept, errors[0] if errors else "")
