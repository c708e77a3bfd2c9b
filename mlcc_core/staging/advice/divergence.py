"""Files of one dataset that differ in their columns: show them, and suggest which to use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote as percent

from mlcc_core.errors import MlccError
from mlcc_core.helpers.hints import hint_kind
from mlcc_core.helpers.selection import suggest_pattern
from mlcc_core.staging.advice.missing_columns import unlikely
from mlcc_core.staging.model.file_preview import FilePreview
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.rules.columns.names import lacking

FILES_SHOWN = 3
"""Files of the same columns that the message names one by one."""


def divergence(job: DatasetJob, files: Sequence[FilePreview]) -> MlccError | None:
    """Return the error for files with different column sets, or ``None`` if all have the same.

    Files of JSON text have the same columns if their first records have, or if all their first
    rows together have. A dataset of one file has no divergence.
    """
    groups = _groups((file.file.name, file.first_columns) for file in files)
    together = _groups((file.file.name, file.file.columns) for file in files)
    if len(groups) < 2 or len(together) < 2:
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
        hint=_hint(job, groups),
        detail=detail,
    )


def _groups(files: Iterable[tuple[str, Sequence[str]]]) -> dict[frozenset[str], list[str]]:
    groups: dict[frozenset[str], list[str]] = {}
    for name, columns in files:
        groups.setdefault(frozenset(columns), []).append(name)
    return groups


@hint_kind("a pattern for files with the same columns")
def _hint(job: DatasetJob, groups: dict[frozenset[str], list[str]]) -> str:
    """Return the command for the largest of the groups of files that fit the technique best."""

    def fit(columns: frozenset[str]) -> tuple[int, int, int]:
        names = sorted(columns)
        return -unlikely(job, names), -len(lacking(job, names)), len(groups[columns])

    chosen = groups[max(groups, key=fit)]
    others = [name for names in groups.values() if names is not chosen for name in names]
    pattern = suggest_pattern(chosen, others)
    named = with_file_pattern(job.listing.shown, pattern or "<pattern>", job.listing.split)
    return job.command_with(named)


def with_file_pattern(uri: str, pattern: str, split: str | None = None) -> str:
    """Return the dataset URI with ``?file=`` set to ``pattern``; its other parts are kept.

    Args:
        uri: of the dataset.
        pattern: that means some of its files.
        split: of those files, which is named: the pattern may mean files of others, too.

    Example:
        >>> with_file_pattern("hf://org/data?split=train", "*call*")
        'hf://org/data?file=*call*&split=train'
    """
    base, _, query = uri.partition("?")
    pairs = [pair for pair in query.split("&") if pair and not pair.startswith("file=")]
    value = percent(pattern, safe="*?[]<>!/-_. ,+=@")
    if split is not None and not any(pair.startswith("split=") for pair in pairs):
        pairs.append(f"split={percent(split)}")
    return f"{base}?{'&'.join([f'file={value}', *pairs])}"
