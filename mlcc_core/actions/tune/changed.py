"""The differences between a job that exists and one that is asked for, in the user's words."""

from __future__ import annotations

from collections.abc import Mapping

from mlcc_core.actions.tune.plan.held_out.planned import PlannedRows
from mlcc_core.actions.tune.plan.held_out.told_apart import (
    UNSURE,
    AskedRows,
    asked_rows,
    told_apart,
)
from mlcc_core.actions.tune.plan.identity import DATASET, HASH_LENGTH, changes
from mlcc_core.project.records import RunRecord, as_json

READ = {
    DATASET: "dataset content or conversion",
    UNSURE: "dataset content, conversion or held-out rows",
}
"""Words for the dataset where it differs: its address stands for all of this."""

PLATFORM = "--platform"


def changed_lines(
    record: RunRecord, platform: str, asked: Mapping[str, object], rows: PlannedRows | None
) -> list[str]:
    """List what is asked for otherwise than for another job; first, that its dataset is another.

    Args:
        record: of the other job.
        platform: the name of the platform that is asked for.
        asked: everything that decides the result.
        rows: of the dataset; ``None`` where there is none.
    """
    rows = rows or PlannedRows("")
    asked_now = AskedRows(as_json(asked), rows.content, rows.typed)
    before, now = told_apart((asked_rows(record), asked_now))
    dataset = _dataset_line(before, now, record.dataset or "other rows", rows.dataset)
    old, new = (
        {name: value for name, value in job.items() if name not in READ} for job in (before, now)
    )
    return dataset + changes({PLATFORM: record.platform, **old}, {PLATFORM: platform, **new})


def _dataset_line(
    before: Mapping[str, object], now: Mapping[str, object], was: str, becomes: str
) -> list[str]:
    """Say that a dataset is another one, as it is shown before and now; nothing where it is not."""
    for name, words in READ.items():
        if name in now and before.get(name) != now[name]:
            old, new = (str(job.get(name))[:HASH_LENGTH] for job in (before, now))
            return [f"{words}: was {was} ({old}), is now {becomes} ({new})"]
    return []
