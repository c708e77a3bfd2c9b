"""The front door: reads a request, logs it, lets faults strike, and asks ours or moto's service."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar, Protocol

from tests.aws_account.door import answers, faults, shapes
from tests.aws_account.door.answers import Answer, ServiceError
from tests.aws_account.door.asked import Asked, understand
from tests.aws_account.door.faults import Fault, Faults
from tests.aws_account.door.log import Call, Log, printable
from tests.aws_account.door.traffic import Traffic
from tests.servers.wire import QuietServer

IDLE_SECONDS = 60.0
"""An idle connection is closed after this time, so that no test hangs on a lost client."""

MOTO_SECONDS = 60.0
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
LOOSE = frozenset({"s3", "ec2", "lambda"})
"""Services whose models demand more than the services do (S3 refuses in its own words)."""

PAGE = b"<html><head><title>Sign in</title></head><body>Welcome to the network.</body></html>"
"""What a proxy or a hotel's network says in place of AWS."""

BUG = "BugOfTheTestEndpoint"
"""Error code of an answer that no client deserved; the fixture fails the test."""

Operation = Callable[[Asked], Mapping[str, Any]]


class Rights(Protocol):
    """An identity and what it may do."""

    arn: str

    def refusal(self, asked: Asked) -> ServiceError | None:
        """The error for a request that it may not make."""
        ...

    def refusal_of_absence(self, asked: Asked) -> ServiceError | None:
        """The error where it may not know that something is not there."""
        ...


class Behind(Protocol):
    """What the door opens to."""

    log: Log
    faults: Faults
    traffic: Traffic
    moto: tuple[str, int]

    def operation(self, asked: Asked) -> Operation | None:
        """Our own operation for this request, or ``None`` if it is moto's."""
        ...

    @property
    def caller(self) -> Rights:
        """The identity that signs the requests."""
        ...


class Door(BaseHTTPRequestHandler):
    """Handles the connections of one endpoint."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    wbufsize = -1  # headers and body in one packet
    disable_nagle_algorithm = True
    behind: ClassVar[Behind]

    def _serve(self) -> None:
        with self.behind.traffic:
            self._pass()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815

    def _pass(self) -> None:
        body = self._body()
        url = f"http://{self.headers.get('Host', '127.0.0.1')}{self.path}"
        try:
            asked = understand(self.command, url, dict(self.headers.items()), body)
        except ValueError as error:
            asked = Asked("", protocol="json")
            self._finish(asked, None, answers.failure(asked, answers.invalid(str(error))))
            return
        fault = self.behind.faults.strike(asked)
        if fault and fault.kind == "slow":
            self.behind.traffic.pause(fault.seconds)
        if fault and fault.kind == "refused":
            self._finish(asked, fault, None)
            return
        self._finish(asked, fault, self._answer(asked, fault, body))

    def handle_expect_100(self) -> bool:
        """Let the client send its body at once, not after its patience."""
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def _answer(self, asked: Asked, fault: Fault | None, body: bytes) -> Answer:
        try:
            refusal = faults.error(fault, asked, self.behind.caller.arn) if fault else None
            if refusal:
                raise refusal
            _check(asked)
            if refusal := self.behind.caller.refusal(asked):
                raise refusal
            operation = self.behind.operation(asked)
            if operation is None:
                answer = self._ask_moto(body)
                if answer.status == 404 and (
                    refusal := self.behind.caller.refusal_of_absence(asked)
                ):
                    raise refusal
                return answer
            value = operation(asked)
            return value if isinstance(value, Answer) else answers.result(asked, _own(asked, value))
        except ServiceError as error:
            return answers.failure(asked, error)
        except Exception as error:
            text = f"in {asked.name}: {error!r}"
            return answers.failure(asked, ServiceError(BUG, text, 501))

    def _ask_moto(self, body: bytes) -> Answer:
        host, port = self.behind.moto
        moto = http.client.HTTPConnection(host, port, timeout=MOTO_SECONDS)
        try:
            moto.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in HOP_BY_HOP | {"expect"}:
                    moto.putheader(name, value)
            moto.putheader("Content-Length", str(len(body)))
            moto.endheaders(body)
            got = moto.getresponse()
            headers = {n: v for n, v in got.getheaders() if n.lower() not in HOP_BY_HOP}
            content = got.read()
            if self.command == "HEAD" and (length := got.getheader("Content-Length")):
                headers["Content-Length"] = length
            return Answer(got.status, content, headers, _code(got.status, content, headers))
        finally:
            moto.close()

    def _finish(self, asked: Asked, fault: Fault | None, answer: Answer | None) -> None:
        kind = fault.kind if fault else ""
        silent = answer is None or kind == "lost"
        self.behind.log.add(
            Call(
                asked.service,
                asked.operation,
                printable(asked.params),
                asked.region,
                asked.access_key,
                asked.user_agent,
                0 if silent or answer is None else answer.status,
                "" if answer is None else answer.error,
                "" if answer is None else answer.message,
                kind,
            )
        )
        if silent or answer is None:
            self.close_connection = True
            return
        self._send(_spoilt(answer, kind), cut=kind == "cut")

    def _send(self, answer: Answer, cut: bool) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.parts is not None:
            self._stream(answer.parts, cut)
            return
        if "Content-Length" not in answer.headers and answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            if self.command != "HEAD":
                self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
            self.wfile.flush()
        if cut:
            self.close_connection = True

    def _stream(self, parts: Generator[bytes, None, None], cut: bool) -> None:
        """Send a body bit by bit, each as soon as it is there; a client that goes ends it."""
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        with contextlib.closing(parts), contextlib.suppress(OSError):
            if cut:
                body = b"".join(parts)
                self.wfile.write(b"%x\r\n%s" % (len(body), body[: len(body) // 2]))
                return
            for part in parts:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
            self.wfile.flush()
            self.close_connection = False

    def log_message(self, *args: object) -> None:
        """Stay silent: tests read the log."""


class DoorServer(QuietServer):
    """One thread a connection, and a queue that no burst of uploads overflows."""

    request_queue_size = 128


def _check(asked: Asked) -> None:
    """Refuse what no service would understand, or what its model forbids."""
    if not asked.operation:
        raise ServiceError("UnknownOperationException", "no operation fits this request", 404)
    shape = asked.model.input_shape
    if shape is None or asked.service in LOOSE:
        return
    value = asked.raw if asked.raw is not None else asked.params
    if found := shapes.violations(shape, value):
        query = asked.protocol in ("query", "ec2")
        code = "ValidationError" if query else "ValidationException"
        raise ServiceError(code, shapes.message(found))


def _spoilt(answer: Answer, kind: str) -> Answer:
    """The answer as somebody between us and the client leaves it."""
    headers = {n: v for n, v in answer.headers.items() if n.lower() != "content-length"}
    if answer.parts is not None and kind in ("truncated", "empty", "page"):
        answer = replace(answer, body=b"".join(answer.parts), parts=None)
    if kind == "truncated":
        return replace(answer, body=answer.body[: len(answer.body) // 2], headers=headers)
    if kind == "empty":
        return replace(answer, body=b"", headers=headers)
    if kind == "page":
        return Answer(200, PAGE, {"Content-Type": "text/html; charset=utf-8"})
    return answer


def _own(asked: Asked, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Hold our own answer to the model as well.

    Raises:
        RuntimeError: it breaks it, which is a mistake of this package.
    """
    shape = asked.model.output_shape
    found = shapes.violations(shape, dict(value)) if shape is not None else []
    if found:
        raise RuntimeError(shapes.message(found))
    return value


def _code(status: int, body: bytes, headers: Mapping[str, str]) -> str:
    """The error code in one of moto's answers, for the log."""
    if status < 400:
        return ""
    if kind := headers.get("x-amzn-ErrorType") or headers.get("x-amzn-errortype"):
        return kind
    for before, after in ((b"<Code>", b"</Code>"), (b'"__type": "', b'"'), (b'"__type":"', b'"')):
        if before in body:
            return body.split(before, 1)[1].split(after, 1)[0].decode(errors="replace")
    return str(status)
