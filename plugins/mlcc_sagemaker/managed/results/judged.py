"""The result of a judge: Bedrock's means, and every row with its scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlcc_core import Context, ManagedRow, ManagedScore, ManagedScores, ManagedSpec
from mlcc_sagemaker.managed.metrics import JUDGED, PREFIX, title
from mlcc_sagemaker.managed.results.outputs import FOLDER, Outputs
from mlcc_sagemaker.managed.results.scores import RowHashes, as_messages
from mlcc_sagemaker.managed.results.values import read_number, read_reply

RESULTS = "bedrock_llm_judge_results.json"
EVERY_ROW = "_output.jsonl"


def read_judged(context: Context, name: str, spec: ManagedSpec) -> ManagedScores:
    """Return the result of a judge.

    Raises:
        MlccError: there is none, or it cannot be understood.
        PlatformError: it cannot be read.
    """
    outputs = Outputs(context, name)
    key = outputs.require("judgements", lambda file: file == RESULTS)
    results = outputs.read_json(key).get("results")
    found = results if isinstance(results, Mapping) else {}
    scores = [score for metric, data in found.items() if (score := _score(str(metric), data))]
    if not scores:
        raise outputs.strange(key, "has no numbers under results")
    order = [metric.lower() for metric in spec.metrics]
    scores.sort(
        key=lambda s: order.index(s.name.lower()) if s.name.lower() in order else len(order)
    )
    rows, notes = _rows(outputs, key)
    return ManagedScores(
        (_deciding(scores[0]), *scores[1:]),
        tuple(rows),
        (*notes, *(_failed(str(metric), data) for metric, data in found.items() if _count(data))),
    )


def _score(metric: str, data: object) -> ManagedScore | None:
    """Return a metric's mean; its standard error follows from the deviation of single rows."""
    value = _number(data, "score")
    if value is None:
        return None
    name = bare(metric)
    rows = int(_number(data, "total_evaluations") or 0)
    deviation = _number(data, "std_deviation")
    return ManagedScore(
        name,
        title(name),
        value,
        rows=rows or None,
        error=None if deviation is None or not rows else deviation / math.sqrt(rows),
        higher_is_better=JUDGED.get(name, True),
    )


def _deciding(score: ManagedScore) -> ManagedScore:
    return replace(score, decides=True)


def bare(metric: str) -> str:
    """Return a metric's name without Bedrock's prefix: ``Correctness``."""
    return metric[len(PREFIX) :] if metric.lower().startswith(PREFIX) else metric


def _number(data: object, key: str) -> float | None:
    return read_number(data.get(key)) if isinstance(data, Mapping) else None


def _count(data: object) -> int:
    """Return how many rows the judge could not score."""
    return int(_number(data, "failed") or 0)


def _failed(metric: str, data: object) -> str:
    return f"The judge gave no {title(bare(metric))} for {_count(data)} rows, which do not count."


def _rows(outputs: Outputs, key: str) -> tuple[Sequence[ManagedRow], Sequence[str]]:
    """Return every row, and a note where Bedrock left none."""
    evaluation = key.removeprefix(f"{outputs.job}/{FOLDER}").partition("/")[0]
    keys = [one for one in outputs.keys(f"{evaluation}/") if one.endswith(EVERY_ROW)]
    if not keys:
        return (), [f"No scores of single rows are at {outputs.uri(evaluation)}/."]
    hashes = RowHashes()
    return [_row(line, hashes) for one in keys for line in outputs.read_lines(one)], []


def _row(line: Mapping[str, Any], hashes: RowHashes) -> ManagedRow:
    """Return one of Bedrock's lines: ``inputRecord``, ``modelResponses``, and the scores."""
    record = _mapping(line.get("inputRecord"))
    prompt = as_messages(record.get("prompt"))
    reference = record.get("referenceResponse")
    expected = None if reference is None else str(reference)
    responses = line.get("modelResponses") or [{}]
    scores = _mapping(line.get("automatedEvaluationResult")).get("scores") or ()
    return ManagedRow(
        hashes.next(prompt, expected),
        prompt,
        expected,
        read_reply(_mapping(responses[0]).get("response")),
        {
            bare(str(score["metricName"])): _number(score, "result")
            for score in scores
            if isinstance(score, Mapping) and "metricName" in score
        },
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
