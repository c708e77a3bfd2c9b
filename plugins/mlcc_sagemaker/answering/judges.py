"""Judges: models of the account that compare answers, by the name of component or endpoint."""

from __future__ import annotations

import re
from typing import Any

from mlcc_core import Context, MlccError
from mlcc_sagemaker.answering.asking import Place
from mlcc_sagemaker.aws.account import endpoint_of
from mlcc_sagemaker.aws.calls import aws_call, client, found
from mlcc_sagemaker.serving import components, names

NAME = re.compile(r"[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}\Z")
BASE = "base"

JUDGEMENT_TOKENS = 512
"""Tokens of a judge's answer at most."""


def find_judge(context: Context, judge: str) -> Place:
    """Return the place of a judge.

    Args:
        context: the surroundings of the project.
        judge: an inference component or an endpoint of the account; ``base`` for the base model
            of the project's endpoint.

    Raises:
        MlccError: there is none of that name.
        PlatformError: it cannot be looked for.
    """
    if NAME.match(judge) is None:
        raise _unknown(context, judge)
    if judge == BASE:
        return Place(endpoint_of(context), components.require_base(context))
    there = components.describe(context, judge)
    if there is not None:
        return Place(str(there["EndpointName"]), judge)
    endpoint = found(
        lambda: client(context, "sagemaker").describe_endpoint(EndpointName=judge),
        f"look for the judge {judge}",
        "sagemaker:DescribeEndpoint",
    )
    if endpoint is None:
        raise _unknown(context, judge)
    on_it = _components_of(context, judge)
    if len(on_it) > 1:
        raise MlccError(
            f"The endpoint {judge} has several models, expected the name of one as the judge: "
            f"{', '.join(on_it)}.",
            where="--judge",
            hint=f"pass --judge {on_it[0]}",
        )
    return Place(judge, on_it[0] if on_it else None)


def _components_of(context: Context, endpoint: str) -> list[str]:
    with aws_call("list the inference components", "sagemaker:ListInferenceComponents"):
        pages: Any = client(context, "sagemaker").get_paginator("list_inference_components")
        return sorted(
            component["InferenceComponentName"]
            for page in pages.paginate(EndpointNameEquals=endpoint)
            for component in page.get("InferenceComponents", ())
        )


def _unknown(context: Context, judge: str) -> MlccError:
    return MlccError(
        f"{judge!r} is neither an inference component nor an endpoint of the account, one of which "
        "a judge is here.",
        where="--judge",
        hint=f"pass --judge {names.base_component(context)}, or another of: ./do/adapter list",
    )
