"""A table in text without a header: its first row stands where the names of the columns should."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from mlcc_core.errors import MlccError
from mlcc_core.helpers.hints import hint_kind
from mlcc_core.helpers.text import plural
from mlcc_core.staging.model.hints import new_file
from mlcc_core.staging.rules.columns.names import SYNONYMS, lacking

if TYPE_CHECKING:
    from mlcc_core.staging.model.file_preview import FilePreview
    from mlcc_core.staging.model.request import DatasetJob

TABLES = frozenset({"csv", "tsv"})
"""Formats of text whose first row names the columns."""

_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"[-+]?\d[\d.,:/ -]*")
_ENDS = ".?!"
_SHOWN = 40
_OTHER_NAMES = frozenset({"id", "index", "text", "label", "timestamp", "name", "date", "category"})


def table_file_problem(job: DatasetJob, file: FilePreview) -> MlccError | None:
    """Return the error for a table whose first row is like those below it.

    Args:
        job: the dataset.
        file: the preview of one of its files.

    Returns:
        An error whose hint writes the file anew with a header; ``None`` for any other file, and for
        one that has the columns it needs.
    """
    missing = lacking(job, file.file.columns)
    if file.file.format not in TABLES or not missing or not file.records:
        return None
    names = file.source_columns
    own = {name.casefold() for column in job.schema.columns for name in column.also}
    if not _is_row(names, [list(record.values()) for record in file.records], own):
        return None
    first = names[0] if len(names[0]) <= _SHOWN else f"{names[0][: _SHOWN - 2]} …"
    return MlccError(
        f"{file.file.name} has no header: its first line is a row ({first!r}, …), expected the "
        f"names of its {plural(len(names), 'column')} there.",
        hint=_command(job, file),
    )


def _is_row(names: Sequence[str], rows: Sequence[Sequence[str]], own: AbstractSet[str]) -> bool:
    known = {name for words in SYNONYMS.values() for name in words} | {*SYNONYMS} | _OTHER_NAMES
    if any(name.strip().casefold() in known | own for name in names):
        return False
    columns = list(zip(names, zip(*rows, strict=False), strict=False))
    return any(_is_value(name, values) for name, values in columns)


def _is_value(name: str, values: Sequence[str]) -> bool:
    """Return whether what stands above values is one of them, by its form."""
    if _NUMBER.fullmatch(name):
        return True
    if "\n" in name and any("\n" in value for value in values):
        return True
    form = _DIGITS.sub("0", name)
    if any(_DIGITS.sub("0", value) == form for value in values):
        return True
    ends = [value.rstrip()[-1:] for value in values if value.strip()]
    last = name.rstrip()[-1:]
    return last in _ENDS and " " in name and 2 * ends.count(last) >= len(ends) > 0


@hint_kind("a table with the names of its columns")
def _command(job: DatasetJob, file: FilePreview) -> str:
    """Return the command that writes the file with a header, the columns that are needed first."""
    needed = [column.name for column in job.schema.required]
    names = [*needed, *(f"column{n}" for n in range(len(needed) + 1, 1 + len(file.source_columns)))]
    header = file.delimiter.join(names[: len(file.source_columns)])
    to = new_file(file.file.name, "header")
    return (
        f"(echo {shlex.quote(header)}; {file.command}) > {to}"
        f"   # names in the order of its columns; then name {to}"
    )
