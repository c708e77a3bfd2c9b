"""The place of a value in a dataset, for an error about it: the rows are read once more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from mlcc_core.errors import MlccError
from mlcc_core.staging.model.column_map import renames_of
from mlcc_core.staging.model.row_error import on_line
from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.read.json.lines import LineRows
from mlcc_core.staging.read.json.objects import rows_on_line
from mlcc_core.staging.read.readers import open_rows

if TYPE_CHECKING:
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.read.arrow import TableRows

Placed = tuple[str, object]


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
                place = next((place for place, found in values if found == value), None)
                if place is not None:
                    return f"{file.name}, {reader.unit} {place}, column {column!r}"
    except (MlccError, FileError):
        return None
    return None


def _values(reader: LineRows | TableRows, source: str) -> Iterator[Placed]:
    return _in_lines(reader, source) if isinstance(reader, LineRows) else _in_table(reader, source)


def _in_lines(reader: LineRows, key: str) -> Iterator[Placed]:
    for batch in reader.batches():
        for number, within, text in batch.placed():
            if (row := _object(text)) is not None:
                yield f"{number}{on_line(within)}", row.get(key)
            elif reader.format == "jsonl":
                for at, one in enumerate(rows_on_line(text) or (), 1):
                    yield f"{number}{on_line(at)}", (_object(one) or {}).get(key)


def _object(text: bytes) -> dict[str, object] | None:
    try:
        row = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _in_table(reader: TableRows, name: str) -> Iterator[Placed]:
    if name not in reader.schema.names:
        return
    for batch in reader.batches([name]):
        yield from zip(map(str, batch.numbers), batch.rows.column(0).to_pylist(), strict=True)
