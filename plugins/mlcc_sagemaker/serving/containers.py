"""Containers that serve models, and the models of SageMaker that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcc_core import Context, PlatformError
from mlcc_sagemaker.aws.account import Role
from mlcc_sagemaker.aws.calls import aws_call, client, found
from mlcc_sagemaker.aws.permissions import require_readable
from mlcc_sagemaker.serving import names
from mlcc_sagemaker.serving.hosting import Hosting
from mlcc_sagemaker.serving.weights.artifacts import find_model

DOWNLOADED = "HF_MODEL_ID"
"""The variable of LMI with the model that the container loads: a Hub id, or where S3 is mounted."""


def container_for(
    context: Context, hosting: Hosting, model_data: str | None, role: Role
) -> Mapping[str, object]:
    """Return the container that serves the base model's weights, or others.

    Raises:
        MlccError: there is no whole model at ``model_data``.
        PlatformError: bootstrap's role may not read it.
    """
    environment = hosting.environment if model_data else hosting.base_environment
    container = {"Image": hosting.image, "Environment": dict(environment)}
    if model_data is None and not hosting.artifacts:
        return container
    if model_data is None:
        source = _source(hosting.artifacts)
        if hosting.own:
            require_readable(context, role, hosting.artifacts, "MODEL_ID")
        if hosting.eula:
            source["ModelAccessConfig"] = {"AcceptEula": True}
    else:
        place = find_model(context, model_data)
        require_readable(context, role, place, "--model-data")
        source = _source(place)
    return {**container, "ModelDataSource": {"S3DataSource": source}}


def ensure_model(context: Context, container: Mapping[str, object], role: Role) -> str:
    """Return the name of the model for a container, created unless it is there."""
    name = names.model_name(context, container)

    def describe() -> Any:
        return client(context, "sagemaker").describe_model(ModelName=name)

    look = (f"look at the model {name}", "sagemaker:DescribeModel")
    if found(describe, *look) is not None:
        return name
    try:
        with aws_call(f"create the model {name}", "sagemaker:CreateModel"):
            client(context, "sagemaker").create_model(
                ModelName=name,
                PrimaryContainer=container,
                ExecutionRoleArn=role.arn,
                Tags=names.tags(context),
            )
    except PlatformError:
        if found(describe, *look) is None:
            raise
    return name


def describe_container(context: Context, model: str) -> Mapping[str, Any]:
    """Return the container of a model of SageMaker; nothing where it is gone, or has no name."""
    if not model:
        return {}
    answer = found(
        lambda: client(context, "sagemaker").describe_model(ModelName=model),
        f"look at the model {model}",
        "sagemaker:DescribeModel",
    )
    container: Mapping[str, Any] = (answer or {}).get("PrimaryContainer") or {}
    return container


def weights_of(context: Context, model: str) -> str:
    """Return the URI of a model's weights, or the Hub id of one that the container downloads."""
    return weights_in(describe_container(context, model))


def weights_in(container: Mapping[str, Any]) -> str:
    """Return the URI of a container's weights, or the Hub id of what it downloads.

    Example:
        >>> weights_in({"Environment": {"HF_MODEL_ID": "org/name"}})
        'org/name'
    """
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    uri = str(source.get("S3Uri") or "")
    return uri or str((container.get("Environment") or {}).get(DOWNLOADED) or "")


def serves(container: Mapping[str, Any], base: str) -> bool:
    """Return whether a container serves a base model.

    Args:
        container: as it is described.
        base: a Hub id; or a URI in S3, at which or below which the weights are.
    """
    weights = weights_in(container)
    if base.startswith("s3://"):
        return f"{weights.rstrip('/')}/".startswith(f"{base.rstrip('/')}/")
    return bool(base) and weights.casefold() == base.casefold()


def _source(uri: str) -> dict[str, Any]:
    archive = uri.endswith((".tar.gz", ".tgz"))
    return {
        "S3Uri": uri,
        "S3DataType": "S3Object" if archive else "S3Prefix",
        "CompressionType": "Gzip" if archive else "None",
    }
