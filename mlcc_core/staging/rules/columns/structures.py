"""Columns that are structures: those in which a column was looked for, and a file without them."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mlcc_core.helpers.hints import hint_kind
from mlcc_core.staging.model.hints import file_word, new_file, written_to
from mlcc_core.staging.model.request import DatasetJob

if TYPE_CHECKING:
    from mlcc_core.staging.model.file_preview import FilePreview


def structures(file: FilePreview, unknown: Sequence[str]) -> dict[str, list[str]]:
    """Return the columns that are structures in which unknown columns were looked for.

    Args:
        file: whose schema tells them; a file of JSON is known by its first row.
        unknown: names of columns: of what a structure holds (``question``), or with the
            structure's own before it (``qa.question``).

    Returns:
        Each with the names of what it holds.
    """
    found: dict[str, list[str]] = {}
    if file.schema is not None:
        for column in file.schema:
            if str(column.type).startswith("struct<"):
                found[column.name] = [inner.name for inner in column.type]
    for record in file.records[:1] if file.schema is None else ():
        found |= {key: list(value) for key, value in record.items() if isinstance(value, dict)}
    return {
        name: within
        for name, within in found.items()
        if within and any(one in within or one.startswith(f"{name}.") for one in unknown)
    }


@hint_kind("columns made of what a structure holds")
def flat_command(
    job: DatasetJob, file: FilePreview, holders: Mapping[str, Sequence[str]]
) -> str | None:
    """Return the command that writes a file with what structures hold as columns of its own.

    Args:
        job: the dataset.
        file: of it, with the structures.
        holders: the structures, each with the names of what it holds.

    Returns:
        The command that reports every error, where two columns would have one name or no program
        is known for the format; ``None`` where there is none either.
    """
    name, to = file.file.name, new_file(file.file.name, "flat")
    names = [inner for inners in holders.values() for inner in inners]
    names += [column for column in file.source_columns if column not in holders]
    apart = len({*names}) == len(names)
    if apart and file.file.format == "parquet":
        read = "pl.read_parquet(sys.argv[1]).unnest(sys.argv[3:])"
        program = f"import sys, polars as pl; {read}.write_parquet(sys.argv[2])"
        words = f"{file_word(job.listing, name)} {to} {' '.join(map(shlex.quote, holders))}"
        # This Python has Polars; the first one on the PATH may be another.
        return f"{shlex.quote(sys.executable)} -c {shlex.quote(program)} {words}   # then name {to}"
    if apart and file.command:
        keys = [f".[{json.dumps(key, ensure_ascii=False)}]" for key in holders]
        program = f"{' + '.join(['.', *keys])} | del({', '.join(keys)})"
        each = f".[] | {program}" if file.file.format == "json" else program
        return written_to(f"{file.command} | jq -c {shlex.quote(each)}", to)
    return job.check_hint()
