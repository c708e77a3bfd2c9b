"""The models that judge, as a region lists them now, and as Bedrock serves them there.

AWS keeps a list for each region, which the SageMaker SDK 3.27 holds the judges of evaluations to.
It has every model that can judge, also those that are no longer served: Bedrock tells these.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mlcc_aws.objects import read_object
from mlcc_core import Context, MlccError, PlatformError
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.aws.calls import aws_call, client

KEY = "fmhMetadata/supported-llmaj-judge-models.json"
"""The list's key in the region's bucket of JumpStart."""

LIST_BYTES = 1 << 20
ATTEMPTS = 2
"""Tries of one request, fewer than usual: the command can do without the answer."""

_read: list[tuple[Mapping[str, str], str, tuple[str, ...]]] = []
"""The list that was read last, with the settings and the region that it was read for. A command has
its settings once, so that it reads the list once."""


def bucket_of_region(region: str) -> str:
    """Return the bucket in which JumpStart keeps what AWS publishes for a region."""
    return f"jumpstart-cache-prod-{region}"


def listed_judges(context: Context) -> tuple[str, ...]:
    """Return Bedrock's ids of the models that can judge in the region, in the list's order.

    One call a command.

    Raises:
        PlatformError: the list cannot be read, or is not in the form that is known.
    """
    region = region_of(context)
    for settings, of_region, judges in _read:
        if settings is context.settings and of_region == region:
            return judges
    uri = f"s3://{bucket_of_region(region)}/{KEY}"
    with aws_call(f"read the region's list of judges {uri}", "s3:GetObject"):
        s3 = client(context, "s3", attempts=ATTEMPTS)
        data = read_object(s3, bucket_of_region(region), KEY, LIST_BYTES)
    judges = _ids(data)
    if not judges:
        raise PlatformError(f"The list of judges {uri} is not in the form that mlcc knows.")
    _read[:] = [(context.settings, region, judges)]
    return judges


def check_in_service(context: Context, judge: str, flag: str) -> str | None:
    """Refuse a judge that Bedrock does not serve in the region, or no longer.

    Args:
        context: the surroundings.
        judge: Bedrock's id of it.
        flag: that named it.

    Returns:
        A warning: that its end is near, or that Bedrock could not be asked. ``None`` without one.

    Raises:
        MlccError: it is not served.
    """
    region = region_of(context)

    def absent(words: str) -> MlccError:
        return _not_served(judge, region, flag, words)

    errors = {"missing": absent, "ValidationException": absent}
    try:
        with aws_call(f"look up the judge {judge}", "bedrock:GetFoundationModel", errors):
            bedrock = client(context, "bedrock", attempts=ATTEMPTS)
            details = bedrock.get_foundation_model(modelIdentifier=judge)["modelDetails"]
    except PlatformError as error:
        return f"Bedrock did not say that it serves the judge {judge} in {region}: {error.what}"
    return _by_lifecycle(details.get("modelLifecycle") or {}, judge, region, flag)


def _by_lifecycle(lifecycle: Mapping[str, Any], judge: str, region: str, flag: str) -> str | None:
    end = lifecycle.get("endOfLifeTime")
    if not isinstance(end, datetime):
        return None
    if end <= datetime.now(UTC):
        raise _not_served(judge, region, flag, f"Its life ended on {end.date()}.")
    return f"Bedrock serves the judge {judge} in {region} until {end.date()}."


def _not_served(judge: str, region: str, flag: str, words: str) -> MlccError:
    return MlccError(
        f"{flag} {judge!r} cannot be used in {region}: Bedrock does not serve it there.",
        where=flag,
        detail=(words,),
        hint=f"aws bedrock list-foundation-models --region {region} --by-output-modality TEXT",
    )


def _ids(data: bytes) -> tuple[str, ...]:
    """Return the ids of a list: ``{"supported_judge_models": [{"model_id": "…"}, …]}``."""
    try:
        document = json.loads(data)
    except ValueError:
        return ()
    rows = document.get("supported_judge_models") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        return ()
    ids = (row.get("model_id") for row in rows if isinstance(row, dict))
    return tuple(each for each in ids if isinstance(each, str) and each)
