"""The preview of each file: its columns, and its first rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlcc_core.staging.model.file_preview import FilePreview
from mlcc_core.staging.model.report import FileColumns
from mlcc_core.staging.model.row_issues import FileError, RowIssue
from mlcc_core.staging.model.rows import InvalidRow, Lines
from mlcc_core.staging.read.json_lines import LineRows, bare
from mlcc_core.staging.read.readers import open_rows
from mlcc_core.staging.results.row_errors import no_rows
from mlcc_core.staging.rules.columns import lacking, renamed
from mlcc_core.staging.rules.strict_json import parse_object
from mlcc_core.staging.run.budget import any_row

if TYPE_CHECKING:
    from mlcc_core.contract.source import DatasetFile
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.model.rows import TableBatch
    from mlcc_core.staging.read.arrow import TableRows

HEAD_ROWS = 10
"""Rows that a preview reads; the specification's number."""


def head_rows(job: DatasetJob) -> int:
    """Return the number of rows that a preview reads of a file."""
    take = job.conversion.take
    return HEAD_ROWS if take is None else min(HEAD_ROWS, take)


def has_taken(job: DatasetJob, files: Sequence[FilePreview]) -> bool:
    """Return whether these files surely have all rows that the conversion takes."""
    take = job.conversion.take
    if take is None:
        return False
    return take <= sum(file.file.rows or len(file.lines.texts) for file in files)


def preview_file(job: DatasetJob, file: DatasetFile, *, rows: bool) -> FilePreview:
    """Read the beginning of one file.

    Args:
        job: the dataset.
        file: one of its files.
        rows: read the first rows of a columnar file, too.

    Raises:
        FileError: it is not a table.
        MlccError: it cannot be read as a dataset file.
        PlatformError: it cannot be reached.
    """
    with open_rows(job, file, small=True) as (reader, _):
        if isinstance(reader, LineRows):
            return _preview_lines(job, file.name, reader)
        return _preview_table(job, file.name, reader, rows)


def _preview_lines(job: DatasetJob, name: str, reader: LineRows) -> FilePreview:
    invalid: list[InvalidRow] = []
    records: list[dict[str, Any]] = []
    numbers: list[int] = []
    texts: list[bytes] = []
    goes_on, most = False, head_rows(job)
    try:
        batches = reader.batches()
        for batch in batches:
            room = most - len(texts)
            numbers += batch.numbers[:room]
            texts += map(bare, batch.texts[:room])
            if len(texts) == most:
                goes_on = len(batch.texts) > room or any_row(batches)
                break
    except FileError as issue:
        invalid.append(InvalidRow(issue.line, b"", [issue]))
    for number, line in zip(numbers, texts, strict=True):
        try:
            records.append(parse_object(line))
        except RowIssue as issue:
            invalid.append(InvalidRow(number, line, [issue]))
    if not texts and not invalid:
        raise no_rows(name)
    names = tuple(dict.fromkeys(name for record in records for name in record))
    pairs = job.conversion.column_map
    return FilePreview(
        FileColumns(name, reader.format, renamed(names, pairs)),
        names,
        renamed(records[0] if records else (), pairs),
        reader.unit,
        lines=Lines(numbers, texts),
        records=[dict(zip(renamed(row, pairs), row.values(), strict=True)) for row in records],
        invalid=invalid,
        untouched=reader.untouched,
        goes_on=goes_on,
    )


def _preview_table(job: DatasetJob, name: str, reader: TableRows, rows: bool) -> FilePreview:
    names = tuple(reader.schema.names)
    pairs = job.conversion.column_map
    preview = FilePreview(
        FileColumns(name, reader.format, renamed(names, pairs), reader.count),
        names,
        renamed(names, pairs),
        reader.unit,
        schema=reader.schema,
    )
    if not rows:
        return preview
    wanted = {column.name for column in job.schema.columns} | {"messages", "tools"}
    asked = job.conversion.extract_prompt or job.conversion.from_messages
    # Then any column may suggest a fix.
    missing = not asked and bool(lacking(job, preview.file.columns))
    chosen = [
        source
        for source, target in zip(names, preview.file.columns, strict=True)
        if missing or job.schema.keep_other_columns or target in wanted
    ]
    most = head_rows(job)
    try:
        preview.table = _head(reader, chosen, preview.invalid, most) if chosen else None
    except FileError as issue:
        preview.invalid.append(InvalidRow(issue.line, b"", [issue]))
    if preview.table is None and not preview.invalid and chosen:
        preview.file = replace(preview.file, rows=0)
    if preview.table is not None:
        helpful = [s for s in chosen if missing or dict(pairs).get(s, s) in wanted]
        preview.records = list(
            _records(preview.table.rows.select(helpful), renamed(helpful, pairs))
        )
    return preview


def _records(rows: Any, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for index in range(min(rows.num_rows, HEAD_ROWS)):
        try:
            values = rows.slice(index, 1).to_pylist()[0].values()
        except ValueError:  # text that is not UTF-8, or a time beyond Python's types
            continue
        yield dict(zip(columns, values, strict=True))


def _head(
    reader: TableRows, columns: list[str], invalid: list[InvalidRow], most: int
) -> TableBatch | None:
    """Return the first rows, from as many batches as necessary; add the others to ``invalid``."""
    import pyarrow as pa

    from mlcc_core.staging.model.rows import TableBatch

    numbers: list[int] = []
    pieces: list[pa.RecordBatch] = []
    for batch in reader.batches(columns, limit=most):
        invalid += batch.invalid
        pieces.append(batch.rows.slice(0, most - len(numbers)))
        numbers += batch.numbers[: pieces[-1].num_rows]
        if len(numbers) + len(invalid) >= most:
            break
    if not numbers:
        return None
    table = pa.Table.from_batches(pieces).combine_chunks()
    return TableBatch(numbers, table.to_batches()[0])
