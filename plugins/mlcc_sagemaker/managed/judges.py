"""The models of Amazon Bedrock that judge replies, by the list that AWS keeps for each region.

The list also has models past their end of life, so Bedrock is asked about the one that was chosen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlcc_aws.objects import read_object
from mlcc_core import Context, MlccError, PlatformError
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.aws.calls import aws_call, client, found

FLAG = "--judge"
PREFIX = "bedrock/"
LIST_KEY = "fmhMetadata/supported-llmaj-judge-models.json"


@dataclass(frozen=True, slots=True)
class FoundJudge:
    """A judge that was looked up.

    Attributes:
        id: of Bedrock.
        warnings: of what could not be looked up.
    """

    id: str
    warnings: tuple[str, ...] = ()


def list_uri(region: str) -> str:
    """Return the address of the region's list."""
    return f"s3://jumpstart-cache-prod-{region}/{LIST_KEY}"


def find_judge(context: Context, judge: str | None) -> FoundJudge:
    """Look a judge up: it is on the region's list, and in service.

    A look-up that fails is warned of: the job may take the model nevertheless.

    Raises:
        MlccError: none was named, or it does not judge here; those that there are are listed.
    """
    region = region_of(context)
    known: list[str] = []
    unread: tuple[str, ...] = ()
    try:
        known = _read_list(context, region)
    except PlatformError as error:
        unread = (f"The judges of {region} cannot be listed: {error.what}",)
    name = (judge or "").strip().removeprefix(PREFIX)
    if not name or (known and name not in known):
        what = f"{name!r} does not judge in {region}" if name else "No judge is named"
        listed = f", expected one of {', '.join(known)}" if known else ""
        raise MlccError(
            f"{what}{listed}.",
            where=FLAG,
            hint=f"pass {FLAG} {known[0] if known else 'MODEL'}",
        )
    return FoundJudge(name, (*unread, *_in_service(context, name, region)))


def _read_list(context: Context, region: str) -> list[str]:
    """Return the ids on the region's list, in its order."""
    uri = list_uri(region)
    bucket = uri.removeprefix("s3://").partition("/")[0]
    with aws_call(f"read {uri}", f"s3:GetObject on arn:aws:s3:::{bucket}/{LIST_KEY}"):
        data = read_object(client(context, "s3"), bucket, LIST_KEY)
    try:
        document: Any = json.loads(data)
        ids = [str(entry["model_id"]) for entry in document["supported_judge_models"]]
    except (ValueError, KeyError, TypeError):
        raise PlatformError(f"{uri} is not a list of judges.") from None
    if not ids:
        raise PlatformError(f"{uri} lists no judges.")
    return ids


def _in_service(context: Context, judge: str, region: str) -> tuple[str, ...]:
    """Return warnings of what Bedrock does not tell about a model.

    Raises:
        MlccError: the model is not there, or past its end of life.
    """

    def ask() -> Any:
        return client(context, "bedrock").get_foundation_model(modelIdentifier=judge)

    try:
        answer = found(ask, f"look up {judge}", "bedrock:GetFoundationModel")
    except PlatformError as error:
        return (f"The judge {judge} may be out of service: {error.what}",)
    if answer is None:
        raise _not_there(f"The judge {judge} is not in service in {region}.")
    lifecycle = (answer.get("modelDetails") or {}).get("modelLifecycle") or {}
    ends = lifecycle.get("endOfLifeTime")
    if isinstance(ends, datetime) and ends <= datetime.now(UTC):
        raise _not_there(
            f"The judge {judge} is past its end of life in {region} (since {ends:%Y-%m-%d})."
        )
    return ()


def _not_there(what: str) -> MlccError:
    return MlccError(
        what,
        where=FLAG,
        hint=f"pass another {FLAG}   # aws bedrock list-foundation-models",
    )
