"""An evaluation that must not give its rows or its secrets away."""

from __future__ import annotations

import dataclasses

from mlcc_core import Evaluation, MetricResult, RowResult

RESULT = MetricResult(
    *("exact", "exact match", "", True, True, 2, 0, 0.75, 0.25, 0.5, 0.1, 0.9, "better")
)
ROW = RowResult("abc", ({"role": "user", "content": "a row that is private"},), reply="private")


def evaluation(job: str | None, **changes: object) -> Evaluation:
    base = Evaluation(
        *(job or "my-model", "base", job, "local", "sft", "mlcc-tiny", "train.jsonl", 1e9),
        settings={"judge": "https://me:secret@judge.example.org/v1"},
        metrics=(RESULT,),
        rows=(ROW,),
        problems=("judge: a row that is private cannot be judged",),
    )
    return dataclasses.replace(base, **changes)
