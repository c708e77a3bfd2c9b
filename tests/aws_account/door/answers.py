"""Answers on the wire: results by moto's serializers, errors in each protocol's form."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

from tests.aws_account.door.asked import Asked


class ServiceError(Exception):
    """An error that the service answers with.

    Attributes:
        code, message: as a ``ClientError`` shows them.
        status: HTTP status.
        more: further members of the error's shape.
    """

    def __init__(
        self, code: str, message: str, status: int = 400, more: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.more = dict(more or {})


def invalid(message: str) -> ServiceError:
    """What most services say to a request that makes no sense."""
    return ServiceError("ValidationException", message)


@dataclass
class Answer:
    """An HTTP answer.

    Attributes:
        parts: of a body that comes bit by bit, in place of ``body``. They are closed when the
            client goes away.
    """

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    error: str = ""
    message: str = ""
    parts: Generator[bytes, None, None] | None = None


def result(asked: Asked, value: Mapping[str, Any]) -> Answer:
    """A good answer with ``value`` in the operation's output shape."""
    from moto.core.serialize import SerializationContext, get_serializer_class

    request_id = str(uuid4())
    serializer = get_serializer_class(asked.service, asked.protocol)
    made = serializer(asked.model, SerializationContext(request_id)).serialize(dict(value))
    body = made["body"]
    headers = {"x-amzn-RequestId": request_id, **made["headers"]}
    return Answer(
        made["status_code"],
        body if isinstance(body, bytes) else body.encode(),
        {name: str(text) for name, text in headers.items()},
    )


def failure(asked: Asked, error: ServiceError) -> Answer:
    """The error in the form of the request's protocol."""
    request_id = str(uuid4())
    headers = {"x-amzn-RequestId": request_id}
    if asked.protocol in ("rest-xml", "query", "ec2"):
        headers["Content-Type"] = "text/xml"
        body = _xml(asked.protocol, error, request_id)
    else:
        headers["Content-Type"] = "application/x-amz-json-1.1"
        headers["x-amzn-ErrorType"] = error.code
        members = {"__type": error.code, "message": error.message, **error.more}
        body = json.dumps(members).encode()
    return Answer(error.status, body, headers, error.code, error.message)


def _xml(protocol: str, error: ServiceError, request_id: str) -> bytes:
    inner = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if protocol == "rest-xml":
        text = f"<Error>{inner}<RequestId>{request_id}</RequestId></Error>"
    elif protocol == "ec2":
        text = (
            f"<Response><Errors><Error>{inner}</Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    else:
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()
