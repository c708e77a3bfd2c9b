"""Evaluations as `evaluate` would have made them, for what shows them."""

from __future__ import annotations

from typing import Any

from mlcc_core.contract.evaluation import Evaluation, MetricResult, RowResult

HOSTILE = "<script>document.title = 'gone'; fetch('http://127.0.0.1:9/stolen')</script>"


def metric_result(name: str = "exact_match", **changed: Any) -> MetricResult:
    found = {
        "metric": name,
        "title": name.replace("_", " ").capitalize(),
        "unit": "",
        "higher_is_better": True,
        "decides": True,
        "rows": 24,
        "missing": 0,
        "mean": 0.75,
        "against": 0.25,
        "difference": 0.5,
        "low": 0.29,
        "high": 0.71,
        "verdict": "better",
        "note": "",
    }
    return MetricResult(**{**found, **changed})


def row_results(count: int = 24) -> tuple[RowResult, ...]:
    """Rows of which every third gains; the first one is hostile."""
    return tuple(
        RowResult(
            row=f"{number:064x}",
            prompt=({"role": "user", "content": HOSTILE if number == 0 else f"Say {number}."},),
            expected=f"number {number}",
            reply=f"number {number}" if number % 3 == 0 else f"{number}",
            against_reply="I do not know & <b>cannot</b> say.",
            values={"exact_match": float(number % 3 == 0)},
            against_values={"exact_match": 0.0},
        )
        for number in range(count)
    )


def sample_evaluation(job: str, created: float = 1_790_000_000.0, **changed: Any) -> Evaluation:
    """An evaluation of a run, of two metrics."""
    length = metric_result(
        "length",
        title="Length of replies",
        unit="tokens",
        higher_is_better=None,
        decides=False,
        mean=12.5,
        against=31.0,
        difference=-18.5,
        low=-22.0,
        high=-15.5,
        verdict=None,
        note="88 % end by themselves",
    )
    found: dict[str, Any] = {
        "target": job,
        "against": "base",
        "job": job,
        "platform": "fake",
        "technique": "fake",
        "model": "fake-model",
        "dataset": "held-out rows of train.jsonl",
        "created": created,
        "settings": {"max_new_tokens": 64, "seed": 0},
        "metrics": (metric_result(), length),
        "rows": row_results(),
        "problems": (),
        "seconds": 3.5,
    }
    return Evaluation(**{**found, **changed})
