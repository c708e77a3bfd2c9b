"""The training spec that a request or a job reports; both are the same document to AWS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from mlcc_core import ReportedSpec, Request
from mlcc_sagemaker.request.body import (
    ASKED,
    FINGERPRINTS,
    JOB,
    NAMED_BY_ROWS,
    TYPES,
    VALIDATION,
    WAITS,
)
from mlcc_sagemaker.request.hyperparameters import as_meant

MODEL = re.compile(r":hub-content/[^/]+/Model/([^/]+)(/[^/]+)?\Z")


def read_spec(body: Mapping[str, object]) -> ReportedSpec:
    """Read what a request body says."""
    job = cast("Mapping[str, Any]", body[JOB])
    asked = cast("Mapping[str, str]", body.get(ASKED) or {})
    prints = cast("Mapping[str, str]", body.get(FINGERPRINTS) or {})
    types = cast("Mapping[str, str]", body.get(TYPES) or {})
    config = job.get("ServerlessJobConfig") or {}
    model = model_of_job(job)
    evaluator = config.get("EvaluatorArn")
    packages = job.get("ModelPackageConfig") or {}
    extra: dict[str, object] = {}
    if config.get("AcceptEula"):
        extra["accept_eula"] = True
    if prints.get("evaluator"):
        extra["evaluator_checksum"] = prints["evaluator"]
    return ReportedSpec(
        technique=str(config.get("CustomizationTechnique", "")),
        model=asked.get(model, model),
        training_type="lora" if config.get("Peft") else "full-rank",
        dataset=uri_of(job, held_out=False),
        validation=uri_of(job, held_out=True),
        evaluator=None if evaluator in (None, NAMED_BY_ROWS) else asked.get(evaluator, evaluator),
        hyperparameters={
            name: as_meant(value, types.get(name))
            for name, value in (job.get("HyperParameters") or {}).items()
        },
        extra=extra,
        start=packages.get("SourceModelPackageArn"),
        start_fingerprint=prints.get("start"),
    )


def described_spec(description: Mapping[str, Any], sent: Request | None) -> ReportedSpec:
    """Read what a job says, as the service describes it.

    Args:
        description: SageMaker's answer about the job.
        sent: the request that created it, if this process sent it. It translates the service's
            names into those that were typed, and says which hyperparameters are ours: those that
            the service may add are not compared.
    """
    if sent is None:
        return read_spec({JOB: description})
    job = dict(description)
    asked_job = cast("Mapping[str, Any]", sent.body[JOB])
    ours = asked_job.get("HyperParameters") or {}
    reported = description.get("HyperParameters") or {}
    job["HyperParameters"] = {name: value for name, value in reported.items() if name in ours}
    # Whether the licence was accepted is asked of the request, not of the job: the service need
    # not repeat it.
    config = dict(description.get("ServerlessJobConfig") or {})
    config.setdefault("AcceptEula", asked_job["ServerlessJobConfig"].get("AcceptEula"))
    job["ServerlessJobConfig"] = config
    return read_spec({**sent.body, JOB: job})


def model_of_job(job: Mapping[str, Any]) -> str:
    """Return the hub's id of the model that a job begins with; the whole ARN of any other."""
    arn = str((job.get("ServerlessJobConfig") or {}).get("BaseModelArn", ""))
    match = MODEL.search(arn)
    return match[1] if match else arn


def uri_of(job: Mapping[str, Any], *, held_out: bool) -> str | None:
    """Return the URI of the held-out rows, or of all other channels, so that those are noticed."""
    uris = [
        str(((c.get("DataSource") or {}).get("S3DataSource") or {}).get("S3Uri", ""))
        for c in job.get("InputDataConfig") or []
        if (c.get("ChannelName") == VALIDATION) is held_out
    ]
    return None if uris in ([], [WAITS]) else ", ".join(uris)
