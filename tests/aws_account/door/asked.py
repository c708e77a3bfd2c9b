"""What a request asks: service, operation and parameters, read from the bytes on the wire.

The wire formats of AWS (json, query, rest-json, rest-xml) are read with the routers and parsers
that moto's server itself uses, which are driven by botocore's service models.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

SERVICES = {"monitoring": "cloudwatch", "servicequotas": "service-quotas"}
"""Signing names that differ from the name of the service's model."""

CREDENTIAL = re.compile(r"Credential=([^/]*)/[0-9]{8}/([^/]+)/([^/]+)/aws4_request")
NO_REGION = "us-east-1"


@dataclass(frozen=True)
class Asked:
    """One request, understood.

    Attributes:
        service: name of botocore's model, or "" when the request is not signed.
        operation: its name in that model, or "" when nothing fits.
        params: as boto3 takes them, but for blobs, which are bytes.
        raw: of a json request the body as sent, for strict validation; else ``None``.
        protocol: the wire format to answer in.
        region, access_key: from the signature.
        user_agent: the header.
        model: moto's operation model, or ``None``.
    """

    service: str
    operation: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    raw: Any = None
    protocol: str = ""
    region: str = NO_REGION
    access_key: str = ""
    user_agent: str = ""
    model: Any = None

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"


def understand(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Asked:
    """Read a request.

    Args:
        url: absolute, as the client wrote it.
        headers: by any spelling of their names.

    Raises:
        ValueError: the body is not what the service's wire format wants.
    """
    by_name = {name.lower(): value for name, value in headers.items()}
    access_key, region, signed = _signature(by_name.get("authorization", ""), url)
    service = _service(signed, by_name, urlsplit(url).path)
    about: dict[str, Any] = {
        "service": service,
        "region": region,
        "access_key": access_key,
        "user_agent": by_name.get("user-agent", ""),
    }
    found = _operation(service, method, url, headers, body)
    if found is None:
        return Asked(**about)
    request, model, labels, protocol = found
    raw = None
    if protocol == "json":
        raw = _document(body)
        params: Mapping[str, Any] = raw
    else:
        params = _parse(protocol, model, request, labels, body)
    return Asked(
        **about, operation=model.name, params=params, raw=raw, protocol=protocol, model=model
    )


def _signature(authorization: str, url: str) -> tuple[str, str, str]:
    """Access key, region and signing name; of a presigned URL from its query."""
    query = parse_qs(urlsplit(url).query)
    presigned = query.get("X-Amz-Credential", [""])[0]
    text = authorization or (f"Credential={presigned}" if presigned else "")
    match = CREDENTIAL.search(text)
    return match.groups() if match else ("", NO_REGION, "")  # type: ignore[return-value]


def _service(signed: str, headers: Mapping[str, str], path: str) -> str:
    if signed == "sagemaker" and "x-amz-target" not in headers:
        return "sagemaker-runtime" if path.startswith("/endpoints/") else "sagemaker"
    if signed == "bedrock" and path.startswith("/model/"):
        return "bedrock-runtime"
    if not signed and not headers.get("x-amz-target"):
        return "s3"  # an anonymous read
    return SERVICES.get(signed, signed)


def _operation(
    service: str, method: str, url: str, headers: Mapping[str, str], body: bytes
) -> tuple[Any, Any, dict[str, Any], str] | None:
    from botocore.exceptions import UnknownServiceError
    from moto.core.request import Request, determine_request_protocol
    from moto.core.routing import get_service_router
    from moto.core.utils import get_service_model
    from werkzeug.exceptions import NotFound

    request = Request.from_primitives(method, url, headers, body)
    try:
        model = get_service_model(service)
        protocol = determine_request_protocol(model, request.content_type)
        operation, labels = get_service_router(service).match(request)
    except (UnknownServiceError, NotFound, NotImplementedError, KeyError):
        return None
    return request, operation, labels, protocol


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except ValueError as error:
        raise ValueError(f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise ValueError("the body is not a JSON object")  # noqa: TRY004 - it is the input's value
    return document


def _parse(
    protocol: str, model: Any, request: Any, labels: dict[str, Any], body: bytes
) -> Mapping[str, Any]:
    from moto.core.parse import PROTOCOL_PARSERS

    if model.input_shape is None:
        return {}
    parsed: Mapping[str, Any] = PROTOCOL_PARSERS[protocol](model).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": body,
            "url_path": request.path,
            "url_params": labels,
        }
    )
    return parsed
