"""Imported models of the project that stand, orphans included, with what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mlcc_core import Context, PlatformError, Standing
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.bedrock.models import (
    ARCHITECTURE,
    IMPORTED,
    describe_model,
    named_models,
    tags_of,
)
from mlcc_sagemaker.bedrock.prices import standing_charges
from mlcc_sagemaker.bedrock.weights.supported import REGIONS
from mlcc_sagemaker.serving.standing.tags import PROJECT

KIND = "imported model"
ATTEMPTS = 2
AT_ONCE = 8


def standing(context: Context) -> Sequence[Standing]:
    """List the imported models of this project.

    Where Bedrock cannot be asked and ``do/config`` names none, none is listed, and a note says so:
    endpoints that stand are to be seen, and taken down, all the same.

    Raises:
        PlatformError: Bedrock cannot be asked, and ``do/config`` names imported models.
    """
    if region_of(context) not in REGIONS:
        return ()
    try:
        arns = _arns(context)
    except PlatformError as error:
        if named_models(context):
            raise
        context.say(f"ℹ️  Imported models of Bedrock are not looked for: {error.what}")
        return ()

    def tags(arn: str) -> Mapping[str, str]:
        return tags_of(context, arn, ATTEMPTS)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        tagged = dict(zip(arns, pool.map(tags, arns), strict=True))
    ours = {arn: tags for arn, tags in tagged.items() if tags.get(PROJECT) == context.project}
    described = ((describe_model(context, arn, ATTEMPTS), tags) for arn, tags in ours.items())
    return [_standing(context, there, tags) for there, tags in described if there is not None]


def _arns(context: Context) -> list[str]:
    with aws_call("list the imported models", "bedrock:ListImportedModels"):
        pages = client(context, "bedrock", attempts=ATTEMPTS).get_paginator("list_imported_models")
        return [
            str(model["modelArn"])
            for page in pages.paginate()
            for model in page.get("modelSummaries", ())
        ]


def _standing(context: Context, model: Mapping[str, Any], tags: Mapping[str, str]) -> Standing:
    name, units = str(model["modelName"]), model.get("customModelUnits") or {}
    created = model.get("creationTime")
    return Standing(
        name=name,
        kind=KIND,
        status=IMPORTED,
        since=None if created is None else created.timestamp(),
        charges=tuple(
            standing_charges(
                context,
                tags.get(ARCHITECTURE),
                int(units.get("customModelUnitsPerModelCopy") or 1),
                units.get("customModelUnitsVersion"),
            )
        ),
        current=name in named_models(context),
    )
