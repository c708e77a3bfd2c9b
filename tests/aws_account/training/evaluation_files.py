"""The files that evaluations leave, as the SDK's reader and AWS's documentation have them.

Names of a scorer's own numbers are in no public source: those here are the fields of the reward
contract, or the preset scorer's name.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from statistics import fmean, pstdev
from typing import Any

REPLIES = "inference_output.jsonl"
RESULTS = "results_2026-11-30T00-00-00.json"
JUDGED = "bedrock_llm_judge_results.json"
UNNAMED = "None"

Row = dict[str, Any]


def path(job: str, given: dict[str, str], name: str) -> str:
    """The path of a result below ``S3OutputPath``; evaluations without a name are ``None``."""
    return f"{job}/output/output/{given.get('name', UNNAMED)}/eval_results/{name}"


def question(row: Row) -> tuple[str, str]:
    """What a row asks and the reply that it holds; "" for none.

    Read are OpenAI's messages, SageMaker's own form, prompt with completion or preferred reply, and
    verl's form.
    """
    if "messages" in row:
        by_role = {message["role"]: message["content"] for message in row["messages"]}
        return str(by_role["user"]), str(by_role.get("assistant", ""))
    asked = row.get("query", row.get("prompt"))
    gold = row.get("response", row.get("completion", row.get("chosen", "")))
    gold = row.get("extra_info", {}).get("answer", gold)
    return _content(asked, "user"), _content(gold, "assistant")


def _content(value: Any, role: str) -> str:
    if isinstance(value, list):
        return str(next(message["content"] for message in value if message["role"] == role))
    return str(value)


def line(row: Row, reply: str) -> Row:
    """A line of ``inference_output.jsonl``: the prompt as Python writes a list of messages."""
    asked, gold = question(row)
    system = [{"role": "system", "content": row["system"]}] if row.get("system") else []
    made = {
        "prompt": str([*system, {"role": "user", "content": asked}]),
        "inference": reply,
        "gold": gold,
    }
    return made | ({"metadata": row["metadata"]} if "metadata" in row else {})


def event(number: int, one: Row) -> Row:
    """What a reward function is given for a line."""
    messages = [{"role": "user", "content": one["prompt"]}]
    reply = {"role": "assistant", "content": one["inference"]}
    return {
        "id": str(number),
        "messages": [*messages, reply],
        "reference_answer": one["gold"],
        "metadata": one.get("metadata", {}),
    }


def rewards_of(answer: Row) -> dict[str, float]:
    """The numbers in a reward function's answer about one row, by name."""
    parts = {part["name"]: part["value"] for part in answer.get("metrics_list", [])}
    return {"aggregate_reward_score": answer["aggregate_reward_score"], **parts}


def benchmark(job: str, given: dict[str, str], mean: float, error: float) -> dict[str, bytes]:
    """The result of a benchmark: its metric over all tasks, and for each part."""
    metric = given["evaluation_metric"]
    numbers = {metric: mean, f"{metric}_stderr": error}
    parts = given["subtask"].split(",") if given.get("subtask") else [""]
    tasks = [f"{given['task']}{':' if part else ''}{part}" for part in parts]
    each = {f"custom|{task}_{given['strategy']}|0": numbers for task in tasks}
    return {path(job, given, RESULTS): _results({**each, "all": numbers})}


def scored(
    job: str, given: dict[str, str], lines: Sequence[Row], rewards: Sequence[dict[str, float]]
) -> dict[str, bytes]:
    """The result of a scorer: comparisons with the rows' replies, and its own numbers."""
    exact = [{"em": float(one["inference"] == one["gold"])} for one in lines]
    rows = [{**own, **given_by} for own, given_by in zip(exact, rewards, strict=True)]
    numbers: dict[str, float] = {}
    for name in rows[0] if rows else ():
        values = [row[name] for row in rows]
        spread = pstdev(values) / math.sqrt(max(1, len(values) - 1))
        numbers |= {name: fmean(values), f"{name}_stderr": spread}
    return {path(job, given, RESULTS): _results({"custom|gen_qa_gen_qa|0": numbers})}


def judged(
    job: str,
    given: dict[str, str],
    lines: Sequence[Row],
    scores: Sequence[dict[str, float | None]],
) -> dict[str, bytes]:
    """The result of a judge: means beside the job, and Bedrock's own output of each row."""
    means = {name: _mean([one[name] for one in scores]) for name in (scores[0] if scores else ())}
    summary = {"job_name": given["name"], "results": means}
    rows = [_judged(one, own, given) for one, own in zip(lines, scores, strict=True)]
    folder = f"{given['name']}/5d1lsqzzmbo2/models/precomputed-inference/taskTypes/General"
    return {
        path(job, given, JUDGED): json.dumps(summary).encode(),
        f"{folder}/datasets/dataset/0d0a_output.jsonl": jsonl(rows),
    }


def _mean(values: Sequence[float | None]) -> Row:
    known = [value for value in values if value is not None]
    return {
        "score": fmean(known) if known else None,
        "total_evaluations": len(known),
        "passed": sum(value == 1 for value in known),
        "failed": len(values) - len(known),
        "std_deviation": pstdev(known) if known else None,
    }


def _judged(one: Row, scores: dict[str, float | None], given: dict[str, str]) -> Row:
    judge = {"modelIdentifier": given["judge_model_id"], "explanation": "Because."}
    return {
        "inputRecord": {"prompt": one["prompt"], "referenceResponse": one["gold"]},
        "modelResponses": [{"response": str([one["inference"]]), "modelIdentifier": "model"}],
        "automatedEvaluationResult": {
            "scores": [
                {"metricName": f"Builtin.{name}", "result": value, "evaluatorDetails": [judge]}
                for name, value in scores.items()
            ]
        },
    }


def jsonl(rows: Sequence[Row]) -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def _results(results: dict[str, dict[str, float]]) -> bytes:
    return json.dumps({"config_general": {"model_name": "model"}, "results": results}).encode()
