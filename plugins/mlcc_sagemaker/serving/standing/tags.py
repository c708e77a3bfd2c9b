"""Tags of endpoints: the project that owns one, and when the user wants it taken down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from mlcc_core import Context, MlccError, PlatformError
from mlcc_sagemaker.aws.calls import aws_call, client, found

PROJECT = "mlcc:project"
EXPIRES = "mlcc:expires"
"""Its value is a time of UTC: ``2026-11-30T16:00:00Z``."""


def endpoint_tags(context: Context, expires: float | None) -> list[dict[str, str]]:
    """Return the tags that an endpoint of this project has, as requests take them.

    Args:
        context: the surroundings of the project.
        expires: in seconds since 1970, UTC; ``None`` for no such tag.
    """
    tags = {PROJECT: context.project}
    if expires is not None:
        tags[EXPIRES] = expiry_text(expires)
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def expiry_text(expires: float) -> str:
    """Return seconds since 1970 as the tag has them.

    Example:
        >>> expiry_text(0)
        '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(int(expires), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def expiry_of(context: Context, name: str, tags: Mapping[str, str]) -> float | None:
    """Return when an endpoint expires, in seconds since 1970; a tag that says no time is told."""
    text = tags.get(EXPIRES)
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        context.say(
            f"⚠️  The tag {EXPIRES} of the endpoint {name} is {text!r}, expected a time like "
            f"{expiry_text(0)}: it counts as none."
        )
        return None


def tags_of(context: Context, name: str, arn: str, attempts: int = 5) -> Mapping[str, str]:
    """Return the tags of an endpoint; none where it is gone.

    Raises:
        PlatformError: they cannot be read.
    """
    answer = found(
        lambda: (
            client(context, "sagemaker", attempts=attempts)
            .get_paginator("list_tags")
            .paginate(ResourceArn=arn)
            .build_full_result()
        ),
        f"read the tags of the endpoint {name}",
        "sagemaker:ListTags",
    )
    return {tag["Key"]: tag["Value"] for tag in (answer or {}).get("Tags", ())}


def set_expiry(context: Context, name: str, arn: str, expires: float) -> None:
    """Tag an endpoint of this project, or of none, with the time when it expires.

    Raises:
        MlccError: it belongs to another project.
        PlatformError: it cannot be tagged.
    """
    require_own(context, name, tags_of(context, name, arn), adopt=True)
    wanted = endpoint_tags(context, expires)
    try:
        with aws_call(f"tag the endpoint {name}", "sagemaker:AddTags"):
            client(context, "sagemaker").add_tags(ResourceArn=arn, Tags=wanted)
    except PlatformError:
        # The answer may have been lost; then the tag is there.
        if tags_of(context, name, arn).get(EXPIRES) != expiry_text(expires):
            raise


def require_own(
    context: Context, name: str, tags: Mapping[str, str], *, adopt: bool = False
) -> None:
    """Refuse an endpoint that another project owns.

    Args:
        context: the surroundings of the project.
        name: of the endpoint.
        tags: of the endpoint.
        adopt: one without an owner will do, as ``do/config`` names it.

    Raises:
        MlccError: it belongs to another project, or to none.
    """
    owner = tags.get(PROJECT)
    if owner == context.project or (adopt and owner is None):
        return
    whose = "to no project" if owner is None else f"to the project {owner!r}"
    raise MlccError(
        f"The endpoint {name} belongs {whose} (its tag {PROJECT}), not to {context.project!r}.",
        hint="mlcc doctor   # shows what this project has deployed",
    )
