"""A file of JSON text that has no row on a line: what it is instead, and what makes rows of it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcc_core.errors import MlccError
from mlcc_core.staging.advice.missing_columns import unlikely
from mlcc_core.staging.rules.columns import lacking, renamed
from mlcc_core.staging.rules.messages import detect

if TYPE_CHECKING:
    from mlcc_core.contract.source import DatasetFile
    from mlcc_core.staging.model.file_preview import FilePreview
    from mlcc_core.staging.model.request import DatasetJob

_UNPACK = {".gz": "gzip -dc", ".zst": "zstd -dc"}
_GOES_ON = (b"{", b"[")
"""Last characters of a line that holds no whole object: its object or array goes on."""

_READ = 'd = json.loads(sys.stdin.buffer.read().decode("utf-8-sig"))'


@dataclass(frozen=True, slots=True)
class _Layout:
    """A place in an object that holds the rows.

    Attributes:
        rows: how many.
        place: in words.
        program: Python that makes them of the object ``d``.
    """

    rows: int
    place: str
    program: str


def document_problem(job: DatasetJob, file: FilePreview) -> MlccError | None:
    """The error for a file that is one object with all rows in it, or indented; else ``None``.

    Args:
        file: what the first look found in it.

    Returns:
        An error whose hint is a shell command that writes the rows to a file of another name.
    """
    name, texts = file.file.name, file.lines.texts
    if file.file.format != "jsonl" or not texts:
        return None
    if texts[0].startswith(b"{") and texts[0].endswith(_GOES_ON) and len(file.invalid) > 1:
        return MlccError(
            f"{name} is indented JSON, expected each object on one line.",
            hint=_command(job, "jq -c .", name),
        )
    layout = _layout(job, file) if len(texts) == len(file.records) == 1 else None
    if layout is None:
        return None
    program = f"import json, sys; {_READ}; [print(json.dumps(row)) for row in {layout.program}]"
    return MlccError(
        f"{name} is one JSON object with {layout.rows} rows {layout.place}, "
        "expected one object per row.",
        hint=_command(job, f"python3 -c {shlex.quote(program)}", name),
    )


def _command(job: DatasetJob, program: str, name: str) -> str:
    """A command that reads the file, and what to do with what it writes."""
    file = next(file for file in job.listing.files if file.name == name)
    source = shlex.quote(_path(file))
    stem = name.rpartition("/")[2]
    unpack = ""
    for suffix, tool in _UNPACK.items():
        if stem.lower().endswith(suffix):
            stem, unpack = stem[: -len(suffix)], tool
    to = shlex.quote(f"{stem.rpartition('.')[0] or stem}.rows.jsonl")
    run = f"{unpack} {source} | {program}" if unpack else f"{program} < {source}"
    use = f"name {to}" if len(job.listing.files) == 1 else f"put {to} in its place"
    return f"{run} > {to}   # then {use}"


def _path(file: DatasetFile) -> str:
    """As a command that is run here takes it; the name of a file that is elsewhere."""
    here = Path.cwd()
    if file.path is None:
        return file.name
    return str(file.path.relative_to(here) if file.path.is_relative_to(here) else file.path)


def _layout(job: DatasetJob, file: FilePreview) -> _Layout | None:
    """Return the place where the one object of a file has two rows or more.

    ``None`` if it is a row.
    """
    values = file.records[0].values()
    if len(values) < len(file.source_columns):  # renamed to a name that is there already
        return None
    document = dict(zip(file.source_columns, values, strict=True))
    names = renamed(document, job.conversion.column_map)
    if not lacking(job, names):
        found = _columns(job, dict(zip(names, values, strict=True)))
    elif _could_be_row(job, document):
        return None
    else:
        found = _split(document) or _within(job, document) or _by_key(job, document)
    return found if found and found.rows > 1 else None


def _could_be_row(job: DatasetJob, value: Mapping[str, Any]) -> bool:
    """Return whether it has what the technique needs, by its names or as a conversation."""
    names = renamed(value, job.conversion.column_map)
    talks = (isinstance(field, list) and detect(field) for field in value.values())
    return not unlikely(job, names) or any(talks)


def _split(document: Mapping[str, Any]) -> _Layout | None:
    """The names of the columns, and rows without them (pandas, ``orient="split"``)."""
    names, rows = document.get("columns"), document.get("data")
    if not (_is_list_of(str, names) and _is_list_of(list, rows)):
        return None
    program = '(dict(zip(d["columns"], values)) for values in d["data"])'
    return _Layout(len(rows or ()), "in 'data' and their columns' names in 'columns'", program)


def _within(job: DatasetJob, document: Mapping[str, Any]) -> _Layout | None:
    """Lists of rows, beside other things; of splits the one to train on."""
    places = [
        name
        for name, rows in document.items()
        if _is_list_of(dict, rows) and detect(rows) is None and _could_be_row(job, rows[0])
    ]
    if not places:
        return None
    if "train" in places:
        places = ["train"]
    words = " and ".join(map(repr, places))
    # Of JSON's strings, those that keep what is not ASCII are Python's, too.
    program = " + ".join(f"d[{json.dumps(name, ensure_ascii=False)}]" for name in places)
    return _Layout(sum(len(document[name]) for name in places), f"in {words}", program)


def _by_key(job: DatasetJob, document: Mapping[str, Any]) -> _Layout | None:
    """A key for each row (pandas, ``orient="index"``)."""
    rows = list(document.values())
    if not (_is_list_of(dict, rows) and _could_be_row(job, rows[0])):
        return None
    if not any(isinstance(value, str) or detect(value) for value in rows[0].values()):
        return None  # it is rows itself, as columns
    return _Layout(len(rows), "under a key each", "d.values()")


def _columns(job: DatasetJob, columns: Mapping[str, Any]) -> _Layout | None:
    """All values of a column together: in a list, or by the row's number (pandas' default).

    Args:
        columns: by name, after rename.
    """
    needed = [columns[c.name] for c in job.schema.required if c.name in columns]
    if not needed:
        return None
    first, *others = columns.values()
    if isinstance(first, dict) and all(isinstance(other, dict) for other in others):
        alike = all(list(other) == list(first) for other in others)
        alike = alike and all(map(str.isdigit, first))
        values = "zip(*map(dict.values, d.values()))"
    elif isinstance(first, list) and all(isinstance(other, list) for other in others):
        alike = all(len(other) == len(first) for other in others) and all(map(_is_column, needed))
        values = "zip(*d.values())"
    else:
        return None
    program = f"(dict(zip(d, values)) for values in {values})"
    return _Layout(len(first), "as columns", program) if alike else None


def _is_column(values: object) -> bool:
    """Return whether a list is no value of one row: neither messages nor parts of one."""
    return _is_list_of(str, values) or _is_list_of(list, values)


def _is_list_of(kind: type, value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, kind) for v in value)
