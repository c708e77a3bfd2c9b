"""The place of a value in a dataset, for an error about it: the rows are read once more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from mlcc_core.errors import MlccError
from mlcc_core.staging.model.column_map import renames_of
from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.read.json.lines import LineRows
from mlcc_core.staging.read.readers import open_rows

if TYPE_CHECKING:
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.read.arrow import TableRows

Numbered = tuple[int, object]


def first_place(job: DatasetJob, column: str, value: str) -> str | None:
    """Return the place of the first row that has a value: ``a.jsonl, line 7, column 'scorer'``.

    Args:
        job: the dataset.
        column: after rename.
        value: of that column.

    Returns:
        ``None`` where no row has it, or the rows cannot be read any more.
    """
    renames = renames_of(job.conversion.column_map)
    source = next((s for s, target in renames.items() if target == column), column)
    try:
        for file in job.listing.files:
            with open_rows(job, file) as (reader, _):
                values = _values(reader, source)
                number = next((number for number, found in values if found == value), None)
                if number is not None:
                    return f"{file.name}, {reader.unit} {number}, column {column!r}"
    except (MlccError, FileError):
        return None
    return None


def _values(reader: LineRows | TableRows, source: str) -> Iterator[Numbered]:
    return _in_lines(reader, source) if isinstance(reader, LineRows) else _in_table(reader, source)


def _in_lines(reader: LineRows, key: str) -> Iterator[Numbered]:
    for batch in reader.batches():
        for number, text in zip(batch.numbers, batch.texts, strict=True):
            try:
                row = msgspec.json.decode(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(row, dict):
                yield number, row.get(key)


def _in_table(reader: TableRows, name: str) -> Iterator[Numbered]:
    if name not in reader.schema.names:
        return
    for batch in reader.batches([name]):
        yield from zip(batch.numbers, batch.rows.column(0).to_pylist(), strict=True)
