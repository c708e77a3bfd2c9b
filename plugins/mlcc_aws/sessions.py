"""Clients of AWS services, from the environment and the project's settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mlcc_core.extras import require

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DEFAULT_REGION = "us-east-1"
"""Where S3 is asked when no region is set anywhere; it redirects to the bucket's own."""

CONNECT_SECONDS = 10
READ_SECONDS = 60
ATTEMPTS = 5
"""Tries of one request, with the SDK's own backoff."""


def s3_client(settings: Mapping[str, str]) -> S3Client:
    """An S3 client; credentials come from the SDK's own chain and stay there.

    Args:
        settings: environment and project (``AWS_PROFILE``, ``AWS_REGION``, ``AWS_ENDPOINT_URL``).

    Raises:
        MlccError: boto3 is not installed.
        botocore.exceptions.BotoCoreError: the profile does not exist, the region is malformed.
    """
    require("boto3", purpose="Reading s3:// datasets", install="pip install 'mlcc[s3]'")
    made: S3Client = _client(
        "s3",
        settings.get("AWS_PROFILE") or None,
        settings.get("AWS_REGION") or settings.get("AWS_DEFAULT_REGION") or None,
        settings.get("AWS_ENDPOINT_URL_S3") or settings.get("AWS_ENDPOINT_URL") or None,
        settings.get("AWS_ACCESS_KEY_ID") or None,
    )
    return made


@lru_cache(maxsize=8)
def _client(
    service: str,
    profile: str | None,
    region: str | None,
    endpoint: str | None,
    access_key_id: str | None,  # noqa: ARG001 - other credentials, another client
) -> Any:
    """Making a client takes 50 ms and more; the same settings get the same one."""
    import boto3
    from botocore.config import Config

    session = boto3.Session(profile_name=profile, region_name=region)
    return session.client(
        service,  # type: ignore[call-overload]
        region_name=session.region_name or DEFAULT_REGION,
        endpoint_url=endpoint,
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            user_agent_extra="mlcc",
        ),
    )
