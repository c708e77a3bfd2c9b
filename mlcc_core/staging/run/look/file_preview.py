"""The preview of each file: its columns, and its first rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlcc_core.errors import MlccError
from mlcc_core.staging.model.file_preview import FilePreview
from mlcc_core.staging.model.read_note import split_lines
from mlcc_core.staging.model.report import FileColumns
from mlcc_core.staging.model.row_issues import FileError, RowIssue
from mlcc_core.staging.model.rows import InvalidRow
from mlcc_core.staging.read.json.lines import LineRows
from mlcc_core.staging.read.readers import open_rows
from mlcc_core.staging.results.row_errors import no_rows
from mlcc_core.staging.rules.column_rewrite import rewrite_of
from mlcc_core.staging.rules.columns.names import lacking
from mlcc_core.staging.rules.context import context_kind
from mlcc_core.staging.rules.renaming import Renaming
from mlcc_core.staging.run.budget import any_row
from mlcc_core.staging.run.look.first_lines import HEAD_ROWS, FirstLines, with_later_columns

if TYPE_CHECKING:
    from mlcc_core.contract.source import DatasetFile
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.model.rows import TableBatch
    from mlcc_core.staging.read.arrow import TableRows


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
    head = FirstLines(head_rows(job), several=reader.format == "jsonl")
    batches = reader.batches()
    try:
        for batch in batches:
            if head.take(batch):
                break
    except FileError as issue:
        head.invalid.append(InvalidRow(issue.line, b"", [issue]))
    if not head.texts and not head.invalid:
        raise no_rows(name)
    names = tuple(dict.fromkeys(name for record in head.records for name in record))
    renaming = Renaming.of(job.conversion.column_map)
    untouched = reader.untouched and not head.split
    names, looked_at = with_later_columns(job, names, head, batches)
    goes_on = head.goes_on or (len(head.texts) == head_rows(job) and any_row(batches))
    records = head.records
    return FilePreview(
        FileColumns(name, reader.format, renaming.names(names)),
        names,
        renaming.names(records[0] if records else ()),
        reader.unit,
        lines=head.lines,
        records=list(_renamed(renaming, records)),
        invalid=head.invalid,
        notes=(*reader.notes(), *([split_lines()] if head.split else ())),
        command=reader.command,
        looked_at=looked_at,
        untouched=untouched,
        goes_on=goes_on,
    )


def _preview_table(job: DatasetJob, name: str, reader: TableRows, rows: bool) -> FilePreview:
    names = tuple(reader.schema.names)
    renaming = Renaming.of(job.conversion.column_map)
    columns = renaming.names(names)
    preview = FilePreview(
        FileColumns(name, reader.format, columns, reader.count),
        names,
        columns,
        reader.unit,
        schema=reader.schema,
        notes=reader.notes(),
        command=reader.command,
        delimiter=reader.delimiter,
    )
    if not rows:
        return preview
    wanted = {column.name for column in job.schema.columns} | {"messages", "tools"}
    wanted |= set(filter(context_kind, columns)) | _rewritten(job, preview.file.columns)
    asked = job.conversion.extract_prompt or job.conversion.from_messages
    # Then any column may suggest a fix.
    missing = not asked and bool(lacking(job, preview.file.columns))
    chosen = [
        source
        for source in names
        if missing or job.schema.keep_other_columns or renaming.target(source) in wanted
    ]
    most = head_rows(job)
    try:
        preview.table = _head(reader, chosen, preview.invalid, most) if chosen else None
    except FileError as issue:
        preview.invalid.append(InvalidRow(issue.line, b"", [issue]))
    if preview.table is None and not preview.invalid and chosen:
        preview.file = replace(preview.file, rows=0)
    preview.notes = reader.notes()
    if preview.table is not None:
        helpful = [s for s in chosen if missing or renaming.target(s) in wanted]
        records = _records(preview.table.rows.select(helpful))
        preview.records = list(_renamed(renaming, records))
    return preview


def _rewritten(job: DatasetJob, names: tuple[str, ...]) -> set[str]:
    """Return the columns that a rewrite reads."""
    try:
        rewrite = rewrite_of(job, names)
    except MlccError:  # told by the preview of the dataset
        return set()
    return set(rewrite.reads) if rewrite else set()


def _renamed(renaming: Renaming, records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield records as the column map changes them, without those that it does not fit."""
    for record in records:
        try:
            yield renaming.apply(record, renaming.joined(record))
        except RowIssue:  # found again when the row is converted
            continue


def _records(rows: Any) -> Iterator[dict[str, Any]]:
    from mlcc_core.staging.read.json_values import read_json, shapes_of

    shapes = shapes_of(rows.schema.names, rows.schema.types)
    for index in range(min(rows.num_rows, HEAD_ROWS)):
        try:
            record = rows.slice(index, 1).to_pylist()[0]
            yield {name: read_json(value, shapes.get(name)) for name, value in record.items()}
        except (ValueError, RowIssue):  # text that is not UTF-8 or JSON, a time beyond Python's
            continue


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
