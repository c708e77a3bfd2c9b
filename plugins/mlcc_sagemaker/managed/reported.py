"""The evaluation that a request or a job reports; both are the same document to AWS."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from mlcc_core import Context, ManagedKind, ReportedEvaluation, Request
from mlcc_sagemaker.job.jobs import read_description
from mlcc_sagemaker.job.reported_spec import model_of_job, uri_of
from mlcc_sagemaker.managed.benchmarks import written
from mlcc_sagemaker.managed.hyperparameters import REPLIES, REPLIES_KEY
from mlcc_sagemaker.request.body import ASKED, FINGERPRINTS, JOB

JOB_OF_REPLIES = re.compile(r"/([^/]+)/output/output/[^/]+/eval_results/")


def read_spec(body: Mapping[str, object]) -> ReportedEvaluation:
    """Read what a request body says."""
    job = cast("Mapping[str, Any]", body[JOB])
    asked = cast("Mapping[str, str]", body.get(ASKED) or {})
    prints = cast("Mapping[str, str]", body.get(FINGERPRINTS) or {})
    config = job.get("ServerlessJobConfig") or {}
    given: Mapping[str, str] = job.get("HyperParameters") or {}
    kind = _kind(config, given)
    package = (job.get("ModelPackageConfig") or {}).get("SourceModelPackageArn")
    evaluator = config.get("EvaluatorArn") or given.get("preset_reward_function")
    replies = JOB_OF_REPLIES.search(given.get(REPLIES_KEY, ""))
    model = model_of_job(job)
    return ReportedEvaluation(
        kind=kind,
        model=asked.get(model, model),
        job=asked.get(package, package) if package else None,
        benchmark=_benchmark(given) if kind == "benchmark" else None,
        evaluator=asked.get(evaluator, evaluator) if evaluator else None,
        judge=given.get("judge_model_id"),
        metrics=_metrics(given),
        dataset=uri_of(job, held_out=False),
        replies=replies[1] if replies else None,
        extra={"evaluator_checksum": prints["evaluator"]} if prints.get("evaluator") else {},
    )


def reported(context: Context, name: str, sent: Request | None) -> ReportedEvaluation | None:
    """Read what a job says about itself, as the service describes it.

    Args:
        context: the surroundings of the project.
        name: of the job.
        sent: the request that created it, by this process or as its record has it. It translates
            the service's names into those that were typed.

    Returns:
        ``None`` for a job that another machine sent: only the service's names are known then.

    Raises:
        JobNotFound: there is none of that name.
    """
    if sent is None:
        return None
    return read_spec({**sent.body, JOB: read_description(context, name)})


def _kind(config: Mapping[str, Any], given: Mapping[str, str]) -> ManagedKind:
    match config.get("EvaluationType"):
        case "LLMAJEvaluation":
            return "judge"
        case "CustomScorerEvaluation":
            return "scorer"
        case _:
            return "replies" if given.get("task") == REPLIES else "benchmark"


def _benchmark(given: Mapping[str, str]) -> str:
    parts = given.get("subtask", "")
    return written(given.get("task", ""), tuple(parts.split(",")) if parts else ())


def _metrics(given: Mapping[str, str]) -> tuple[str, ...]:
    """Return a judge's metrics; text other than a list is one name, so that it is noticed."""
    text = given.get("llmaj_metrics")
    if text is None:
        return ()
    try:
        names = json.loads(text)
    except ValueError:
        return (text,)
    return tuple(str(name) for name in names) if isinstance(names, list) else (text,)
