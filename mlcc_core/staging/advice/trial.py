"""Commands that fix a dataset, tried on the rows at hand before they are suggested."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlcc_core.errors import MlccError
from mlcc_core.staging.convert.rows import RowConverter
from mlcc_core.staging.model.column_map import Pair, renames_of
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.model.row_issues import RowIssue, RowIssues
from mlcc_core.staging.rules.column_rewrite import rewrite_of
from mlcc_core.staging.rules.plan import Tally, make_plan
from mlcc_core.staging.rules.renaming import Renaming

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Fix:
    """A command that fixes a dataset.

    Attributes:
        hint: the command.
        reasons: why the command that comes to mind first is not enough.
    """

    hint: str | None
    reasons: tuple[str, ...] = ()


def keeps_rows(job: DatasetJob, records: Sequence[Record], more: Sequence[Pair]) -> bool:
    """Return whether a suggestion keeps one of the rows at hand, or there are none to try.

    Args:
        job: the dataset, with the flags that are suggested.
        records: its first rows, as the job's own column map leaves them.
        more: entries that are suggested for the column map, over the names in the records.
    """
    if not records:
        return True
    conversion = replace(job.conversion, column_map=tuple(more))
    changed = replace(job, conversion=conversion, evaluator_given=True)
    renaming = Renaming.of(more)
    try:
        plan = make_plan(changed, rewrite_of(changed), list(_renamed(renaming, records)))
    except MlccError:
        return False
    converter = RowConverter(plan, renames_of(more), Tally())
    return any(_is_kept(converter, record) for record in records)


def _renamed(renaming: Renaming, records: Sequence[Record]) -> Iterator[dict[str, Any]]:
    for record in records:
        try:
            yield renaming.apply(record, renaming.joined(record))
        except RowIssue:
            continue


def _is_kept(converter: RowConverter, record: Record) -> bool:
    try:
        converter.convert(json.dumps(record, default=str).encode())
    except RowIssues:
        return False
    return True
