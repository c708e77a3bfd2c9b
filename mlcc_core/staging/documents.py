"""A file of JSON text that has no row on a line: what it is instead, and what makes rows of it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcc_core.errors import MlccError
from mlcc_core.staging.chat import detect
from mlcc_core.staging.columns import renamed
from mlcc_core.staging.missing import lacking, unlikely

if TYPE_CHECKING:
    from mlcc_core.staging.request import DatasetJob
    from mlcc_core.staging.survey import FileSurvey

_UNPACK = {".gz": "gzip -dc", ".zst": "zstd -dc"}


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where an object has the rows.

    Attributes:
        rows: how many.
        place: in words.
        program: Python that makes them of the object ``d``.
    """

    rows: int
    place: str
    program: str


def document_problem(job: DatasetJob, file: FileSurvey) -> MlccError | None:
    """The error for a file that is one object with all rows in it, or indented; else ``None``."""
    name, texts = file.file.name, file.lines.texts
    if file.file.format != "jsonl" or not texts:
        return None
    if texts[0] == b"{" and not file.records:
        return MlccError(
            f"{name} is indented JSON, expected each object on one line.",
            hint=_command("jq -c .", name, "lines.jsonl"),
        )
    if len(texts) > 1 or not file.records:
        return None
    values = file.records[0].values()
    if len(values) < len(file.source_columns):  # renamed to a name that is there already
        return None
    document = dict(zip(file.source_columns, values, strict=True))
    layout = next(_layouts(job, document), None)
    if layout is None:
        return None
    words = "row" if layout.rows == 1 else "rows"
    program = "import json, sys; d = json.load(sys.stdin); "
    program += f"[print(json.dumps(row)) for row in {layout.program}]"
    return MlccError(
        f"{name} is one JSON object with {layout.rows} {words} {layout.place}, "
        "expected one object per row.",
        hint=_command(f"python3 -c {shlex.quote(program)}", name, "rows.jsonl"),
    )


def _command(program: str, name: str, to: str) -> str:
    unpack = next((tool for end, tool in _UNPACK.items() if name.lower().endswith(end)), None)
    file = shlex.quote(name)
    run = f"{unpack} {file} | {program}" if unpack else f"{program} < {file}"
    return f"{run} > {to}   # then name {to}"


def _layouts(job: DatasetJob, document: Mapping[str, Any]) -> Iterator[_Layout]:
    pairs = job.conversion.column_map
    if lacking(job, renamed(document, pairs)):
        yield from _split(document)
        yield from _within(job, document)
    else:
        yield from _columns(job, document)


def _split(document: Mapping[str, Any]) -> Iterator[_Layout]:
    """The names of the columns, and rows without them (pandas, ``orient="split"``)."""
    names, rows = document.get("columns"), document.get("data")
    if isinstance(names, list) and isinstance(rows, list) and rows and isinstance(rows[0], list):
        program = '(dict(zip(d["columns"], values)) for values in d["data"])'
        yield _Layout(len(rows), "in 'data' and their columns' names in 'columns'", program)


def _within(job: DatasetJob, document: Mapping[str, Any]) -> Iterator[_Layout]:
    """A list of rows, beside other things."""
    for name in sorted(document, key=lambda name: name != "train"):
        rows = document[name]
        if _is_rows(rows) and detect(rows) is None and _fits(job, rows[0]):
            yield _Layout(len(rows), f"in {name!r}", f"d[{json.dumps(name)}]")


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _fits(job: DatasetJob, row: Mapping[str, Any]) -> bool:
    names = renamed(row, job.conversion.column_map)
    return not unlikely(job, names) or any(
        _is_rows(value) and detect(value) is not None for value in row.values()
    )


def _columns(job: DatasetJob, document: Mapping[str, Any]) -> Iterator[_Layout]:
    """All values of a column together: in a list, or by the row's number (pandas' default)."""
    columns = list(document.values())
    sizes = {len(column) if isinstance(column, list | dict) else 0 for column in columns}
    if len(sizes) > 1 or 0 in sizes:
        return
    (rows,) = sizes
    if all(isinstance(column, dict) and list(column) == list(columns[0]) for column in columns):
        if not all(map(str.isdigit, columns[0])):
            return
        values = "zip(*map(dict.values, d.values()))"
    elif all(isinstance(column, list) for column in columns) and _holds_texts(job, document):
        values = "zip(*d.values())"
    else:
        return
    yield _Layout(rows, "as columns", f"(dict(zip(d, values)) for values in {values})")


def _holds_texts(job: DatasetJob, document: Mapping[str, Any]) -> bool:
    """Whether a required column is a list of strings, which no row's value is."""
    names = renamed(document, job.conversion.column_map)
    values = dict(zip(names, document.values(), strict=True))
    return any(
        "array" not in column.types and all(isinstance(item, str) for item in values[column.name])
        for column in job.schema.required
        if column.name in values
    )
