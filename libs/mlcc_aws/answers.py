"""Answers that are not what AWS sends: cut short, empty, or a page of some proxy.

botocore takes truncated JSON for an answer without members, and does not try again where XML ends
early. Here such an answer is an error in every operation, and reading ones are tried again.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from xml.etree import ElementTree as ET

from botocore.exceptions import BotoCoreError

from mlcc_aws.sessions import attempts_of

if TYPE_CHECKING:
    import boto3
    from botocore.model import OperationModel, Shape

WAITS = (0.2, 1.0, 4.0)
"""Seconds before each further try."""

READ_OPERATION = re.compile(r"(Describe|List|Get|Head|BatchGet|Lookup|Search|Simulate)[A-Z]")
"""Names of operations that change nothing, which may be repeated."""

JSON, XML = ("json", "rest-json"), ("query", "ec2", "rest-xml")
REFUSAL_STATUS, SERVER_FAULT_STATUS = 300, 500
"""Statuses from here on are refusals, and faults of the service."""

SHOWN_CHARACTERS = 60
"""Characters of an answer that are shown."""


class Garbled(BotoCoreError):
    """An answer with a good status and a body that is not an answer."""

    fmt = "the answer to {operation} is cut short, or is not from AWS ({shown})"


class Patient:
    """Base class of clients: reading operations are tried again when an answer is garbled."""

    meta: ClassVar[Any]

    def _make_api_call(self, operation_name: str, api_params: Any) -> Any:
        again = attempts_of(self) - 1 if READ_OPERATION.match(operation_name) else 0
        for wait in WAITS[:again]:
            try:
                return super()._make_api_call(operation_name, api_params)  # type: ignore[misc]
            except Garbled:
                time.sleep(wait)
        return super()._make_api_call(operation_name, api_params)  # type: ignore[misc]


def guard(session: boto3.Session) -> None:
    """Make all clients of a session refuse garbled answers, those of libraries too."""
    session.events.register("before-parse.*.*", _check, unique_id="mlcc-answers")
    session.events.register("creating-client-class", _add_patience, unique_id="mlcc-patience")


def is_page(headers: Mapping[str, str]) -> bool:
    """Return whether the headers are those of a page that no service of AWS sent."""
    names = {name.lower(): value for name, value in headers.items()}
    is_html = names.get("content-type", "").startswith("text/html")
    return is_html and not any(name.startswith("x-amz") for name in names)


def is_garbled(body: bytes, operation: OperationModel) -> bool:
    """Return whether the body of a good answer is not one of this operation.

    An empty body is one where the operation answers with nothing, or in headers alone.
    """
    shape: Any = operation.output_shape
    if operation.has_streaming_output or operation.has_event_stream_output:
        return False
    payload = shape.serialization.get("payload") if shape else None
    if payload and shape.members[payload].type_name != "structure":
        return False
    protocol = operation.service_model.resolved_protocol
    if not body.strip():
        return protocol in (*JSON, *XML) and _has_body(shape)
    if protocol in JSON:
        return not _is_object(body)
    return protocol in XML and not _is_xml(body)


def is_garbled_refusal(body: bytes, operation: OperationModel) -> bool:
    """Return whether a refusal's body does not say what is refused; botocore judges XML."""
    is_json = operation.service_model.resolved_protocol in JSON
    return is_json and operation.http["method"] != "HEAD" and not _is_object(body)


def _check(operation_model: OperationModel, response_dict: dict[str, Any], **_: object) -> None:
    body = response_dict["body"]
    status = response_dict["status_code"]
    if status >= SERVER_FAULT_STATUS:
        return  # which botocore tries again by the status alone
    if status < REFUSAL_STATUS and is_page(response_dict["headers"]):
        if not isinstance(body, bytes):
            body.close()  # a stream, whose connection would stay open
        raise Garbled(operation=operation_model.name, shown="a page of HTML")
    judge = is_garbled if status < REFUSAL_STATUS else is_garbled_refusal
    if isinstance(body, bytes) and judge(body, operation_model):
        shown = (
            body[:SHOWN_CHARACTERS].decode("utf-8", "replace").split("\n")[0].strip()
            or "it is empty"
        )
        raise Garbled(operation=operation_model.name, shown=shown)


def _add_patience(base_classes: list[type], **_: object) -> None:
    base_classes.insert(0, Patient)


def _has_body(shape: Shape | None) -> bool:
    """Return whether members of an output travel in the body."""
    members = getattr(shape, "members", {})
    return any("location" not in member.serialization for member in members.values())


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def _is_xml(body: bytes) -> bool:
    try:
        root = ET.fromstring(body.strip())  # noqa: S314 - as botocore itself parses it
    except ET.ParseError:
        return False
    return root.tag.rpartition("}")[2].lower() != "html"
