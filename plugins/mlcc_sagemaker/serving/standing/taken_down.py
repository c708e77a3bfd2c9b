"""One endpoint of the project taken down, with all that is on it."""

from __future__ import annotations

import dataclasses
from collections import ChainMap
from collections.abc import Sequence
from typing import cast

from mlcc_core import Context
from mlcc_sagemaker.aws.account import endpoint_of
from mlcc_sagemaker.serving.removal import undeploy
from mlcc_sagemaker.serving.standing.described import describe_endpoint
from mlcc_sagemaker.serving.standing.tags import require_own, tags_of


def take_down(context: Context, name: str, seconds: float) -> Sequence[str]:
    """Take an endpoint down, its components first; run again, it goes on where it was.

    Raises:
        MlccError: it does not belong to this project.
        PlatformError: it cannot be removed.
    """
    there = describe_endpoint(context, name)
    current = name == endpoint_of(context)
    if there is not None:
        tags = tags_of(context, name, there["EndpointArn"])
        require_own(context, name, tags, adopt=current)
    elif not current:
        return [f"ℹ️  The endpoint {name} is gone already."]
    return undeploy(_as_if_named(context, name), seconds)


def _as_if_named(context: Context, endpoint: str) -> Context:
    """Return the surroundings of a project whose ``do/config`` names this endpoint."""
    settings = cast("dict[str, str]", context.settings)  # which is only read
    return dataclasses.replace(context, settings=ChainMap({"ENDPOINT_NAME": endpoint}, settings))
