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
    """Return the columns that are structures in which unknown columns were looked for."""
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
    """Return the command that writes a file with what structures hold as columns of its own."""
    name, to = file.file.name, new_file(file.file.name, "flat")
    within = [inner for names in holders.values() for inner in names]
    apart = len({*within, *file.source_columns} - {*holders}) == (
        len(within) + len(file.source_columns) - len(holders)
    )
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
