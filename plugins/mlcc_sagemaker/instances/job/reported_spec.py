"""The training spec that a request or a job reports; both are the same document to AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, cast

from mlcc_core import ReportedSpec, Request
from mlcc_engine.container.hyperparameters import Places, read_hyperparameters
from mlcc_engine.container.layout import MODEL, START, TRAIN, VALIDATION
from mlcc_engine.engine import reported_by
from mlcc_folders.model.pinning import commit_in
from mlcc_sagemaker.request.body import ASKED, FINGERPRINTS, JOB, WAITS


def read_spec(body: Mapping[str, object]) -> ReportedSpec:
    """Read what a request body says."""
    job = cast("Mapping[str, Any]", body[JOB])
    asked = cast("Mapping[str, str]", body.get(ASKED) or {})
    prints = cast("Mapping[str, str]", body.get(FINGERPRINTS) or {})
    channels = channels_of(job)
    request = read_hyperparameters(
        job.get("HyperParameters") or {},
        Places(
            dataset=channels.get(TRAIN, ""),
            output="",
            files="",
            validation=channels.get(VALIDATION),
            start=channels.get(START),
        ),
    )
    found = reported_by(asdict(request))
    model = channels.get(MODEL, found.model)
    if model.rstrip("/") == found.model.rstrip("/"):
        model = found.model  # as it was asked for
    commit = commit_in(found.model)
    extra = {
        **({"evaluator_checksum": prints.get("evaluator")} if found.evaluator else {}),
        **({} if commit is None else {"model_revision": commit}),
        **({"model_fingerprint": prints["model"]} if "model" in prints else {}),
        **found.extra,
    }

    def typed(name: str | None) -> str | None:
        return None if name in (None, "", WAITS) else asked.get(str(name), str(name))

    return replace(
        found,
        model=asked.get(model, model),
        dataset=typed(found.dataset),
        validation=typed(found.validation),
        evaluator=typed(found.evaluator),
        start=typed(found.start),
        extra=extra,
    )


def described_spec(description: Mapping[str, Any], sent: Request | None) -> ReportedSpec:
    """Read what a job says, as the service describes it.

    Args:
        description: SageMaker's answer about the job.
        sent: the request that created it, if this process sent it or recalled it: it translates
            the service's names into those that were typed.
    """
    return read_spec({**(sent.body if sent is not None else {}), JOB: description})


def channels_of(job: Mapping[str, Any]) -> dict[str, str]:
    """Return the S3 URI of each channel of a job, by the channel's name."""
    return {
        str(channel.get("ChannelName")): str(
            ((channel.get("DataSource") or {}).get("S3DataSource") or {}).get("S3Uri", "")
        )
        for channel in job.get("InputDataConfig") or ()
    }
