"""Files of one dataset that differ in their columns: show them, and say how to pick."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote as percent

from mlcc_core.errors import MlccError
from mlcc_core.selection import suggest_pattern
from mlcc_core.staging.report import FileColumns
from mlcc_core.staging.request import DatasetJob

FILES_SHOWN = 3
"""Files of the same columns that the message names one by one."""


def divergence(job: DatasetJob, files: Sequence[FileColumns]) -> MlccError | None:
    """The error for files with different column sets, or ``None`` if all have the same.

    A dataset of one file has no divergence.
    """
    groups: dict[frozenset[str], list[str]] = {}
    for file in files:
        groups.setdefault(frozenset(file.columns), []).append(file.name)
    if len(groups) < 2:
        return None
    detail: list[str] = []
    for columns, names in groups.items():
        detail += [f"📄 {name}" for name in names[:FILES_SHOWN]]
        if len(names) > FILES_SHOWN:
            detail.append(f"📄 … and {len(names) - FILES_SHOWN} more with the same columns")
        detail.append(f"Columns: {', '.join(sorted(columns))}")
    detail.append(
        "Files have different column sets. Use ?file=<pattern> to select compatible files:"
    )
    return MlccError(
        f"Schema divergence detected across files in {job.listing.label}.",
        where="--dataset",
        hint=_hint(job, groups),
        detail=detail,
    )


def _hint(job: DatasetJob, groups: dict[frozenset[str], list[str]]) -> str:
    """The command for the largest group of files that fit the technique."""
    required = {
        column.name
        for column in job.schema.required
        if not (column.evaluator and job.evaluator_given)
    }
    fitting = [names for columns, names in groups.items() if required <= columns]
    if not fitting:
        fitting = list(groups.values())
    chosen = max(fitting, key=len)
    others = [name for names in groups.values() if names is not chosen for name in names]
    pattern = suggest_pattern(chosen, others)
    return job.command_with(with_file_pattern(job.listing.uri, pattern or "<pattern>"))


def with_file_pattern(uri: str, pattern: str) -> str:
    """The dataset URI with ``?file=`` set to ``pattern``; its other parts are kept."""
    place, _, query = uri.partition("?")
    pairs = [pair for pair in query.split("&") if pair and not pair.startswith("file=")]
    value = percent(pattern, safe="*?[]<>!/-_. ,+=@")
    return f"{place}?{'&'.join([f'file={value}', *pairs])}"
