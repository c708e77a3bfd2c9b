"""Going on with a job that was interrupted: one further job of the service, never two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcc_core import Context, JobNotFound, PlatformError
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.aws.sdk import require_sdk
from mlcc_sagemaker.instances.job.chain import Chain, link_name
from mlcc_sagemaker.instances.job.jobs import Known, describe
from mlcc_sagemaker.job.jobs import read_description
from mlcc_sagemaker.job.submission import JobExists, create_job

MEMBERS = (
    *("HyperParameters", "AlgorithmSpecification", "RoleArn", "InputDataConfig"),
    *("OutputDataConfig", "ResourceConfig", "VpcConfig", "StoppingCondition", "CheckpointConfig"),
    *("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption"),
    *("EnableManagedSpotTraining", "Environment", "RetryStrategy"),
)
"""Members by which a job is described as it was created; its tags are asked for apart."""


def resume(context: Context, name: str, known: Known) -> None:
    """Create the continuation of a job: the same request, the same checkpoints, the next name.

    Another terminal, or a lost answer, may have created it already, which is as good.

    Args:
        context: the surroundings of the project.
        name: that the core gave it.
        known: what this process knows of the job.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: it is not interrupted any more, or its continuation was not created.
    """
    state = describe(context, name, known)
    chain = known.chain
    if not state.interrupted or chain is None:
        raise PlatformError(f"The job {name} is {state.status}, so it cannot go on.")
    require_sdk()
    following = link_name(name, len(chain.links) + 1)
    try:
        create_job(context, following, _request(context, chain))
    except JobExists:
        return
    except PlatformError:
        if not _exists(context, following):
            raise


def _request(context: Context, chain: Chain) -> Mapping[str, Any]:
    """Return the request that created the first link.

    Descriptions have ``False`` for what a request leaves out.
    """
    kept = {name: chain.first[name] for name in MEMBERS if chain.first.get(name)}
    tags = _tags(context, str(chain.first["TrainingJobArn"]))
    return {**kept, **({"Tags": tags} if tags else {})}


def _tags(context: Context, arn: str) -> list[dict[str, str]]:
    """Return the tags that a user and mlcc gave the job; AWS's own are not ours to give."""
    with aws_call(f"read the tags of {arn.rpartition('/')[2]}", "sagemaker:ListTags"):
        pages = client(context, "sagemaker").get_paginator("list_tags")
        tags = [tag for page in pages.paginate(ResourceArn=arn) for tag in page.get("Tags", ())]
    return [tag for tag in tags if not tag["Key"].lower().startswith("aws:")]


def _exists(context: Context, name: str) -> bool:
    try:
        read_description(context, name)
    except JobNotFound:
        return False
    return True
