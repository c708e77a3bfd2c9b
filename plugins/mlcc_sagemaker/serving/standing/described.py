"""Endpoints and their configurations as AWS describes them, and the role that they run with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcc_core import Context, MlccError
from mlcc_sagemaker.aws.account import ROLE_ARN, Role, endpoint_of, role_of
from mlcc_sagemaker.aws.calls import client, found

ATTEMPTS = 5
"""Tries of one request, unless a caller cannot wait for so many."""


def describe_endpoint(
    context: Context, name: str | None = None, attempts: int = ATTEMPTS
) -> Mapping[str, Any] | None:
    """Return the project's endpoint, or another one; ``None`` when it is not there."""
    endpoint = name or endpoint_of(context)
    answer: Mapping[str, Any] | None = found(
        lambda: client(context, "sagemaker", attempts=attempts).describe_endpoint(
            EndpointName=endpoint
        ),
        f"look at the endpoint {endpoint}",
        "sagemaker:DescribeEndpoint",
    )
    return answer


def describe_config(
    context: Context, name: str, attempts: int = ATTEMPTS
) -> Mapping[str, Any] | None:
    """Return an endpoint configuration; ``None`` when it is not there."""
    answer: Mapping[str, Any] | None = found(
        lambda: client(context, "sagemaker", attempts=attempts).describe_endpoint_config(
            EndpointConfigName=name
        ),
        f"look at the endpoint configuration {name}",
        "sagemaker:DescribeEndpointConfig",
    )
    return answer


def serving_role(context: Context) -> Role:
    """Return the role that the project's endpoint runs with, or would: weights are read by it.

    It is that of the endpoint's configuration, so that commands on any machine know it; where
    nothing is deployed, ``--role`` or ``ROLE_ARN``.

    Raises:
        MlccError: none is set, or ``--role`` is not that of the endpoint that stands.
    """
    there = _role_of_endpoint(context)
    given = role_of(context) if there is None or context.options.get("role") else there
    if there is not None and given.arn != there.arn:
        raise MlccError(
            f"The endpoint {endpoint_of(context)} runs with the role {there.arn}, and keeps it.",
            where="--role",
            hint="mlcc undeploy   # then deploy with the other role",
        )
    return given


def _role_of_endpoint(context: Context) -> Role | None:
    endpoint = describe_endpoint(context)
    config = endpoint and describe_config(context, endpoint["EndpointConfigName"])
    match = ROLE_ARN.match(str((config or {}).get("ExecutionRoleArn") or ""))
    return None if match is None else Role(match[0], match[1], match[2])
