"""A file of JSON text without a row on a line: name its form, and the command that makes rows."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlcc_core.errors import MlccError
from mlcc_core.helpers.hints import hint_kind
from mlcc_core.staging.advice.missing_columns import unlikely
from mlcc_core.staging.model.hints import file_word, new_file, written_to
from mlcc_core.staging.read.encodings import may_be_windows
from mlcc_core.staging.rules.columns.names import lacking
from mlcc_core.staging.rules.messages import detect
from mlcc_core.staging.rules.renaming import Renaming

if TYPE_CHECKING:
    from mlcc_core.staging.model.file_preview import FilePreview
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.model.rows import InvalidRow

_UNPACK = {".gz": "gzip -dc", ".zst": "zstd -dc"}
_CONTINUED = (b"{", b"[")
"""Last characters of a line whose object or array goes on."""


def json_file_problem(job: DatasetJob, file: FilePreview) -> MlccError | None:
    """Return the error for a file that is one object with all rows in it, or indented JSON.

    Args:
        job: the dataset.
        file: the preview of one of its files.

    Returns:
        An error whose hint is a ``jq`` command that writes the rows to a new file; ``None`` for
        any other file.
    """
    name, texts = file.file.name, file.lines.texts
    if file.file.format != "jsonl" or not texts:
        return None
    if row := _windows_row(file):
        found = row.issues[0].found
        return MlccError(
            f"{name}, line {row.number}: found {found}, expected UTF-8 text; all of it can be "
            "Windows-1252.",
            hint=written_to(
                f"{file.command} | iconv -f WINDOWS-1252 -t UTF-8", new_file(name, "utf8")
            ),
        )
    if texts[0].startswith(b"{") and texts[0].endswith(_CONTINUED) and len(file.invalid) > 1:
        return MlccError(
            f"{name} is indented JSON, expected each object on one line.",
            hint=_command(job, "jq -c .", name),
        )
    rows = _rows_within(job, file) if len(texts) == len(file.records) == 1 else {}
    count = sum(map(len, rows.values()))
    if count < 2:
        return None
    # A JSON string is a string of jq, too.
    program = ", ".join(f".[{json.dumps(key, ensure_ascii=False)}][]" for key in rows)
    return MlccError(
        f"{name} is one JSON object with {count} rows in {' and '.join(map(repr, rows))}, "
        "expected one object per row.",
        hint=_command(job, f"jq -c {shlex.quote(program)}", name),
    )


def _windows_row(file: FilePreview) -> InvalidRow | None:
    """Return the first row that is not UTF-8, where all rows together can be Windows-1252."""
    high = [text for text in file.lines.texts if not text.isascii()]
    if not high or not all(map(may_be_windows, high)):
        return None
    return next((row for row in file.invalid if row.text == high[0]), None)


def _rows_within(job: DatasetJob, file: FilePreview) -> dict[str, list[Any]]:
    """Return the lists of rows in the one object of a file by key; of splits the one to train on.

    Nothing is returned for an object that is a row itself.
    """
    values = file.records[0].values()
    if len(values) < len(file.source_columns):  # renamed to a name that is there already
        return {}
    document = dict(zip(file.source_columns, values, strict=True))
    if not lacking(job, Renaming.of(job.conversion.column_map).names(document)) or _may_be_row(
        job, document
    ):
        return {}
    lists = {key: rows for key, rows in document.items() if _are_rows(job, rows)}
    return {"train": lists["train"]} if "train" in lists else lists


def _are_rows(job: DatasetJob, rows: object) -> bool:
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        return False
    return detect(rows) is None and _may_be_row(job, rows[0])


def _may_be_row(job: DatasetJob, value: Mapping[str, Any]) -> bool:
    """Return whether an object has the columns that are needed, by name or as a conversation."""
    names = Renaming.of(job.conversion.column_map).names(value)
    conversations = (isinstance(field, list) and detect(field) for field in value.values())
    return not unlikely(job, names) or any(conversations)


@hint_kind("rows of a JSON document, one a line")
def _command(job: DatasetJob, program: str, name: str) -> str:
    """Return a command that reads the file, and the use of what it writes."""
    stem, unpack = name.rpartition("/")[2], ""
    for suffix, tool in _UNPACK.items():
        if stem.lower().endswith(suffix):
            stem, unpack = stem[: -len(suffix)], tool
    to = shlex.quote(f"{stem.rpartition('.')[0] or stem}.rows.jsonl")
    quoted = file_word(job.listing, name)
    run = f"{unpack} {quoted} | {program}" if unpack else f"{program} < {quoted}"
    use = f"name {to}" if len(job.listing.files) == 1 else f"put {to} in its place"
    return f"{run} > {to}   # then {use}"
