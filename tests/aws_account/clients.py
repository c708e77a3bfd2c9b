"""Clients of boto3 with the account's credentials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def make(service: str, endpoint: str, region: str, **settings: Any) -> Any:
    """A client of a service at an endpoint."""
    import boto3

    client: Callable[..., Any] = boto3.client
    return client(
        service,
        endpoint_url=endpoint,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name=region,
        **settings,
    )
