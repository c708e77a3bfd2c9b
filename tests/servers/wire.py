"""What every stand-in server needs: a request log, injected faults, ranges, bounded sockets."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import unquote, urlsplit

IDLE_SECONDS = 20.0
"""An idle connection is closed after this time, so that no test hangs on a lost client."""

BODY_LIMIT = 1 << 30
"""Largest request body that is taken, in bytes: it is held in memory. Larger ones are refused."""


@dataclass(frozen=True)
class Request:
    """One request as the server saw it, and how it answered.

    Attributes:
        origin: ``hub`` or ``cdn``.
        method, path, query: of the request line; the path is unquoted.
        headers: by lower-case name.
        status: of the answer; 0 when the connection was cut before it.
        sent: bytes of the answer's body.
    """

    origin: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    status: int
    sent: int

    def __str__(self) -> str:
        return f"{self.origin} {self.method} {self.path} -> {self.status}"


@dataclass
class Fault:
    """A misbehaviour for the next ``times`` requests that it fits.

    Attributes:
        path: part of the unquoted path that it fits; "" fits all.
        method: fits only this method, or any.
        origin: fits only ``hub`` or ``cdn``, or both.
        times: how often it strikes; then the server behaves.
        after: how many fitting requests it lets pass first.
        status: answer with this status instead of the content.
        headers: further headers of that answer (``Retry-After``), or of the content's.
        cut: close the connection after this many bytes of the body.
        reset: with ``cut``, reset the connection (RST) instead of closing it.
        refuse: close the connection before any answer.
        flip: invert the byte at this offset of the file.
        shorten: serve the file without its last bytes, as if it were whole.
        no_ranges: answer a range request with the whole file (status 200).
        delay: wait this many seconds before the answer.
        take: reset the connection after this many bytes of the request's body.
    """

    path: str = ""
    method: str | None = None
    origin: str | None = None
    times: int = 1
    after: int = 0
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    reset: bool = False
    refuse: bool = False
    flip: int | None = None
    shorten: int = 0
    no_ranges: bool = False
    delay: float = 0.0
    take: int | None = None

    def fits(self, origin: str, method: str, path: str) -> bool:
        return (
            self.times > 0
            and self.path in path
            and self.method in (None, method)
            and self.origin in (None, origin)
        )


class Journal:
    """The requests and pending faults of one stand-in; safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._faults: list[Fault] = []

    def add(self, request: Request) -> None:
        with self._lock:
            self._requests.append(request)

    def requests(self) -> list[Request]:
        with self._lock:
            return list(self._requests)

    def forget(self) -> None:
        with self._lock:
            self._requests.clear()
            self._faults.clear()

    def plan(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def pending(self) -> int:
        with self._lock:
            return sum(max(0, fault.times) for fault in self._faults)

    def strike(self, origin: str, method: str, path: str) -> Fault:
        """The first pending fault that fits, used up by one; else one without effect."""
        with self._lock:
            for fault in self._faults:
                if not fault.fits(origin, method, path):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.times -= 1
                return fault
        return Fault(times=0)


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Start and end (exclusive) that a ``Range`` header asks of ``size`` bytes.

    Returns ``None`` for no or an unintelligible header, and an empty range past the end for one
    that cannot be satisfied (status 416).
    """
    if not header or not header.startswith("bytes=") or "," in header:
        return None
    first, dash, last = header.removeprefix("bytes=").strip().partition("-")
    if not dash or not (first or last):
        return None
    if not first:
        return max(0, size - int(last)), size
    start = int(first)
    if start >= size:
        return size, size
    return start, min(int(last) + 1, size) if last else size


class Handler(BaseHTTPRequestHandler):
    """A request handler that logs to a :class:`Journal` and carries out its faults."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    origin: ClassVar[str] = ""
    journal: ClassVar[Journal]

    def answer(self) -> None:
        """Answer the request; by the subclass."""
        raise NotImplementedError

    def _serve(self) -> None:
        self.url = urlsplit(self.path)
        self.route = unquote(self.url.path)
        self.fault = self.journal.strike(self.origin, self.command, self.route)
        if self.fault.take is not None:
            self.rfile.read(self.fault.take)
            self.fault.reset = True
            self._log(0, 0)
            self._hang_up()
            return
        size = int(self.headers.get("Content-Length") or 0)
        if size > BODY_LIMIT:
            self.close_connection = True  # what is not read would be taken for the next request
            self.reply(413, b'{"error":"Payload Too Large"}', {"Connection": "close"})
            return
        self.body = self.rfile.read(size)
        if self.fault.delay:
            time.sleep(self.fault.delay)
        if self.fault.refuse:
            self._log(0, 0)
            self._hang_up()
        elif self.fault.status is not None:
            self.reply(self.fault.status, b'{"error":"injected"}', self.fault.headers)
        else:
            self.answer()

    do_GET = do_HEAD = do_POST = do_PUT = _serve  # noqa: N815 - the names that http.server calls

    def reply(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send a small answer whole."""
        self._send(status, body, {"Content-Type": "application/json", **(headers or {})})

    def reply_file(self, content: bytes, headers: Mapping[str, str]) -> None:
        """Send a file's content, or the range of it that was asked for."""
        if self.fault.flip is not None:
            at = self.fault.flip
            content = content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
        if self.fault.shorten:
            content = content[: -self.fault.shorten]
        asked = byte_range(self.headers.get("Range"), len(content))
        headers = {"Accept-Ranges": "bytes", **headers, **self.fault.headers}
        if asked is None or self.fault.no_ranges:
            self._send(200, content, headers)
        elif asked[0] >= asked[1]:
            self._send(416, b"", {**headers, "Content-Range": f"bytes */{len(content)}"})
        else:
            start, end = asked
            span = f"bytes {start}-{end - 1}/{len(content)}"
            self._send(206, content[start:end], {**headers, "Content-Range": span})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        cut = self.fault.cut if self.command != "HEAD" else None
        shown = b"" if self.command == "HEAD" else body[:cut]
        self._log(status, len(shown))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(shown)
        if cut is not None:
            self.wfile.flush()
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        if self.fault.reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            # A plain close() would wait for the handler's files and send a FIN first.
            os.close(self.connection.detach())

    def _log(self, status: int, sent: int) -> None:
        self.journal.add(
            Request(
                origin=self.origin,
                method=self.command,
                path=self.route,
                query=self.url.query,
                headers={name.lower(): value for name, value in self.headers.items()},
                status=status,
                sent=sent,
            )
        )

    def log_message(self, *args: object) -> None:
        """Stay silent: tests read the journal."""


class QuietServer(ThreadingHTTPServer):
    """One thread a connection; a client that goes away is nobody's error."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, handler: type[Handler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A reset or timed-out connection ends its thread, silently."""

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(timeout=5)
