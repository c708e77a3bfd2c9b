"""The hyperparameters of an evaluation, by its kind: all of them strings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlcc_core import ManagedSpec
from mlcc_sagemaker.managed.benchmarks import find_benchmark
from mlcc_sagemaker.request.body import WAITS

NAMED = "(the job's name)"
"""Stands for the job's name, which no request knows before it is sent."""

REPLIES = "inference_only"
"""The task that only asks the rows."""

FROM_RECIPE = (
    *("max_new_tokens", "temperature", "top_k", "top_p"),
    *("aggregation", "postprocessing", "max_model_len"),
)
"""Hyperparameters for which the model's evaluation recipe brings a value."""

OF_JUDGING: Mapping[str, str] = {
    "max_new_tokens": "8192",
    "temperature": "0",
    "top_k": "-1",
    "top_p": "1.0",
}
"""The values with which a judge is asked, by the SageMaker SDK."""

REPLIES_KEY = "inference_data_s3_path"


def from_recipe(specs: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the recipe's values, as they are sent."""
    return {
        name: str(specs[name]["default"])
        for name in FROM_RECIPE
        if name in specs and "default" in specs[name]
    }


def of_benchmark(text: str, recipe: Mapping[str, str]) -> dict[str, str]:
    """Return those of a benchmark and its parts, as the spec names them."""
    name, benchmark, parts = find_benchmark(text)
    chosen = {"subtask": ",".join(parts)} if parts else {}
    asked = {"task": name, "strategy": benchmark.strategy, "evaluation_metric": benchmark.metric}
    return {**recipe, **asked, **chosen}


def of_scorer(built_in: str | None, recipe: Mapping[str, str]) -> dict[str, str]:
    """Return those of a scorer.

    Args:
        built_in: the service's own scorer; ``None`` for a reward function, whose scores the
            service takes over and sums up only when it is told to.
        recipe: the values of the model's evaluation recipe.
    """
    asked = {"task": "gen_qa", "strategy": "gen_qa", "evaluation_metric": "all"}
    if built_in is not None:
        return {**recipe, **asked, "preset_reward_function": built_in}
    aggregation = recipe.get("aggregation") or "mean"
    return {**recipe, **asked, "postprocessing": "True", "aggregation": aggregation}


def of_replies(tuned: bool) -> dict[str, str]:
    """Return those of the job that asks the rows for a judge."""
    return {"name": replies_folder(tuned), "task": REPLIES}


def replies_folder(tuned: bool) -> str:
    """Return the name under which such a job leaves its replies, as the SageMaker SDK says."""
    return "CustomInference" if tuned else "BaseInference"


def of_judge(spec: ManagedSpec, output: str) -> dict[str, str]:
    """Return those of a judge, who reads the replies that another job left.

    The name is that of Bedrock's evaluation, which the service begins: one of its own for each job.

    Args:
        spec: of the judging job.
        output: the S3 URI below which all evaluations of the project write.
    """
    folder = replies_folder(spec.job is not None)
    replies = f"{output}/{spec.replies}/output/output/{folder}/eval_results/inference_output.jsonl"
    return {
        "name": NAMED,
        "judge_model_id": str(spec.judge),
        REPLIES_KEY: WAITS if spec.replies is None else replies,
        "output_path": output,
        "llmaj_metrics": json.dumps(list(spec.metrics)),
        **OF_JUDGING,
    }


def named(job: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a job's request with its name in the hyperparameter that waits for it.

    Bedrock takes lower-case letters only.
    """
    given = job.get("HyperParameters") or {}
    filled = {key: name.lower() if value == NAMED else value for key, value in given.items()}
    return {**job, "HyperParameters": filled} if filled != given else job
