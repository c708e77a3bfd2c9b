"""The account's AI registry: the hub in which the SageMaker SDK keeps evaluators.

The documents are those of ``sagemaker.ai_registry.Evaluator``, which the tests hold them to. That
class is not used itself: it turns every error into one without a code, waits five seconds between
two looks, and makes clients of its own when it is imported.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlcc_core import Context, PlatformError
from mlcc_sagemaker.aws.account import Role
from mlcc_sagemaker.aws.calls import aws_call, client, found

REGISTERED = re.compile(
    r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d+:hub-content/(?P<hub>[^/]+)/JsonDoc/(?P<name>[^/]+)/"
    r"(?P<version>[\d.]+)\Z"
)
KIND = "JsonDoc"
VERSION = "1.0.0"
"""The version that the SDK gives to a new evaluator."""

SCHEMA = "2.0.0"
SUBTYPE = "AWS/Evaluator"
PATIENCE = 300.0
"""Seconds that an import may take; it takes a few."""

LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Registration:
    """An evaluator as it is registered.

    Attributes:
        name: follows from type and source, so that it is registered only once.
        type: ``RewardFunction`` or ``RewardPrompt``.
        source: a Lambda function's ARN, or a prompt's S3 URI.
    """

    name: str
    type: str
    source: str

    @classmethod
    def of(cls, kind: str, source: str) -> Registration:
        """The registration of a source."""
        digest = hashlib.sha256(f"{kind} {source}".encode()).hexdigest()[:16]
        return cls(f"mlcc-{kind.lower()}-{digest}", kind, source)

    def arn(self, role: Role, region: str) -> str:
        """The ARN that it has, or will have, in the account of ``role``."""
        hub = hub_name(region, role.account)
        prefix = f"arn:{role.partition}:sagemaker:{region}:{role.account}"
        return f"{prefix}:hub-content/{hub}/{KIND}/{self.name}/{VERSION}"


def hub_name(region: str, account: str) -> str:
    """The registry's hub, as the SDK names it."""
    digest = hashlib.sha256(display_name(region, account).encode()).digest()
    return base64.b32hexencode(digest).decode().rstrip("=")


def display_name(region: str, account: str) -> str:
    """Return the console's name of the registry's hub."""
    return f"AiRegistry-{region}-{account}"


def reference_of(context: Context, arn: str) -> str | None:
    """Return the target of a registered evaluator; ``None`` when it is not there or not ready."""
    answer = _describe(context, arn)
    if answer is None or answer.get("HubContentStatus") != "Available":
        return None
    try:
        content: Any = json.loads(json.loads(answer["HubContentDocument"]).get("JsonContent", "{}"))
        return str(content.get("Reference") or "") or None
    except (ValueError, AttributeError, TypeError):
        return None


def ensure_registered(context: Context, registration: Registration, arn: str) -> None:
    """Register an evaluator under ``arn`` unless it is there, and wait until it can be used.

    Raises:
        PlatformError: it cannot be registered.
    """
    if reference_of(context, arn) == registration.source:
        return
    match = REGISTERED.match(arn)
    if match is None:
        raise PlatformError(f"{arn} is not an evaluator's ARN.")
    try:
        _ensure_hub(context, match["hub"], arn)
        _import(context, registration, match["hub"])
    except PlatformError:
        # Another terminal may have been faster, or an answer was lost.
        if _describe(context, arn) is None:
            raise
    _wait(context, registration, arn)
    context.say(f"ℹ️  Registered {registration.source} as the evaluator {registration.name}.")


def _ensure_hub(context: Context, hub: str, arn: str) -> None:
    def describe() -> Any:
        return client(context, "sagemaker").describe_hub(HubName=hub)

    look = ("look up the account's AI registry", "sagemaker:DescribeHub")
    if found(describe, *look) is not None:
        return
    _, _, _, region, account, _ = arn.split(":", 5)
    try:
        with aws_call("create the account's AI registry", "sagemaker:CreateHub"):
            client(context, "sagemaker").create_hub(
                HubName=hub,
                HubDisplayName=display_name(region, account),
                HubDescription="AI Registry Hub",
            )
    except PlatformError:
        if found(describe, *look) is None:
            raise


def _import(context: Context, registration: Registration, hub: str) -> None:
    content = {"Reference": registration.source, "EvaluatorType": registration.type}
    with aws_call(f"register the evaluator {registration.name}", "sagemaker:ImportHubContent"):
        client(context, "sagemaker").import_hub_content(
            HubName=hub,
            HubContentType=KIND,
            HubContentName=registration.name,
            HubContentVersion=VERSION,
            DocumentSchemaVersion=SCHEMA,
            HubContentDocument=json.dumps({"SubType": SUBTYPE, "JsonContent": json.dumps(content)}),
            HubContentSearchKeywords=_keywords(registration),
        )


def _keywords(registration: Registration) -> list[str]:
    """By which Studio finds and shows evaluators."""
    function = registration.type == "RewardFunction"
    return [
        *(["method:lambda"] if function else []),
        f"@subtype:{SUBTYPE.lower()}",
        f"@evaluatortype:{registration.type.lower()}",
        f"@contenttype:{'byolambda' if function else 'byocode'}",
    ]


def _wait(context: Context, registration: Registration, arn: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        there = _describe(context, arn) or {}
        status = there.get("HubContentStatus")
        if status == "Available":
            break
        if status == "ImportFailed" or time.monotonic() > deadline:
            raise PlatformError(
                f"The evaluator {registration.name} is {status}: "
                f"{there.get('FailureReason') or 'no reason was given'}",
                hint="run the same command again",
            )
        time.sleep(LOOK_SECONDS)
    refers = reference_of(context, arn)
    if refers != registration.source:
        raise PlatformError(
            f"The evaluator {arn} refers to {refers}, expected {registration.source}.",
            hint="pass another evaluator, or remove this one from the account's AI registry",
        )


def _describe(context: Context, arn: str) -> Mapping[str, Any] | None:
    match = REGISTERED.match(arn)
    if match is None:
        return None
    answer: Mapping[str, Any] | None = found(
        lambda: client(context, "sagemaker").describe_hub_content(
            HubName=match["hub"],
            HubContentType=KIND,
            HubContentName=match["name"],
            HubContentVersion=match["version"],
        ),
        f"look up the evaluator {match['name']}",
        "sagemaker:DescribeHubContent",
    )
    return answer
