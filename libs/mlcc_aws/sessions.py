"""Clients of AWS services, from the environment and the project's settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from mlcc_aws.sdk import require_sdk

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_s3 import S3Client

DEFAULT_REGION = "us-east-1"
"""Region of requests to S3 when none is set anywhere; it redirects to the bucket's own."""

CONNECT_SECONDS = 10
READ_SECONDS = 60
ATTEMPTS = 5
"""Tries of one request, with the SDK's own backoff."""

MAKING = Lock()
"""Clients may be used by several threads, but a session makes one at a time."""


def s3_client(settings: Mapping[str, str]) -> S3Client:
    """An S3 client; credentials come from the SDK's own chain and stay there.

    Args:
        settings: environment and project (``AWS_PROFILE``, ``AWS_REGION``, ``AWS_ENDPOINT_URL``).

    Raises:
        MlccError: boto3 is not installed.
        botocore.exceptions.BotoCoreError: the profile does not exist, the region is malformed.
    """
    require_sdk()
    made: S3Client = client(settings, "s3", default_region=DEFAULT_REGION)
    return made


def client(
    settings: Mapping[str, str],
    service: str,
    *,
    default_region: str | None = None,
    attempts: int = ATTEMPTS,
    seconds: float | None = None,
) -> Any:
    """A client of any service; the same settings get the same one.

    Args:
        settings: environment and project, as for :func:`s3_client`.
        service: its name in boto3.
        default_region: where it is asked when no region is set anywhere.
        attempts: tries of one request at most; ``AWS_MAX_ATTEMPTS`` may say fewer.
        seconds: to wait for a connection, and for an answer; ``None`` for the usual patience.

    Raises:
        botocore.exceptions.BotoCoreError: no region, no such profile.
    """
    named = f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_').replace(' ', '_')}"
    endpoint = settings.get(named) or settings.get("AWS_ENDPOINT_URL") or None
    wished = settings.get("AWS_MAX_ATTEMPTS", "")
    if wished.isdecimal() and int(wished) > 0:
        attempts = min(attempts, int(wished))
    with MAKING:
        session = boto_session(settings)
        region = session.region_name or default_region
        return _client(session, service, region, endpoint, attempts, seconds)


def boto_session(settings: Mapping[str, str]) -> boto3.Session:
    """The session that clients of these settings are made of."""
    return _session(
        settings.get("AWS_PROFILE") or None,
        settings.get("AWS_REGION") or settings.get("AWS_DEFAULT_REGION") or None,
        settings.get("AWS_ACCESS_KEY_ID") or None,
        settings.get("AWS_SESSION_TOKEN") or None,
    )


def forget_credentials() -> None:
    """Make the next client read the credentials anew: the user may have renewed them."""
    _client.cache_clear()
    _session.cache_clear()


def attempts_of(client: Any) -> int:
    """Tries of one request that a client is configured for."""
    return int((client.meta.config.retries or {}).get("total_max_attempts", 1))


@lru_cache(maxsize=8)
def _session(
    profile: str | None,
    region: str | None,
    access_key_id: str | None,  # noqa: ARG001 - other credentials, another session
    token: str | None,  # noqa: ARG001 - likewise
) -> boto3.Session:
    import boto3

    from mlcc_aws.answers import guard

    session = boto3.Session(profile_name=profile, region_name=region)
    guard(session)
    return session


@lru_cache(maxsize=64)
def _client(
    session: boto3.Session,
    service: str,
    region: str | None,
    endpoint: str | None,
    attempts: int,
    seconds: float | None,
) -> Any:
    """Making a client takes 50 ms and more; the same settings get the same one."""
    from botocore.config import Config

    return session.client(
        service,  # type: ignore[call-overload]
        region_name=region,
        endpoint_url=endpoint,
        config=Config(
            connect_timeout=seconds or CONNECT_SECONDS,
            read_timeout=seconds or READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": attempts},
            user_agent_extra="mlcc",
        ),
    )
