"""A dashboard that answers as Ray's does and runs nothing: for what a real one seldom does.

Ray's own client speaks to it. Its jobs have the state that a test gives them, and its faults are
those that a test asks for.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HEAD = "4f1d"

Fault = Callable[["Handler"], bool]
"""Answers a request in its own way; returns whether the real answer is left out."""


@dataclass
class Dashboard:
    """What the dashboard knows, and what it was asked.

    Attributes:
        jobs: what was submitted, by id, with ``status`` and ``message``.
        packages: by name.
        nodes: resources of each node.
        labels: of all nodes.
        head: id of the head node.
        ray, python: versions that are shown.
        asked: method and path of every request.
        faults: by method and the beginning of a path.
    """

    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    packages: dict[str, bytes] = field(default_factory=dict)
    nodes: list[Mapping[str, float]] = field(default_factory=lambda: [{"CPU": 4.0}])
    labels: Mapping[str, str] = field(default_factory=dict)
    head: str = HEAD
    ray: str = "2.60.0"
    python: str = "3.12"
    asked: list[tuple[str, str]] = field(default_factory=list)
    faults: dict[tuple[str, str], Fault] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    address: str = ""

    def end(self, job: str, status: str, message: str = "") -> None:
        """Give a job a state."""
        self.jobs[job] |= {"status": status, "message": message}

    def submissions(self) -> int:
        """Return how often a job was sent, whatever came of it."""
        return self.asked.count(("POST", "/api/jobs/"))


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of Ray's client."""

    protocol_version = "HTTP/1.1"
    dashboard: Dashboard

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's own name
        pass

    def do_GET(self) -> None:
        self.respond()

    def do_POST(self) -> None:
        self.respond()

    def do_PUT(self) -> None:
        self.respond()

    def do_DELETE(self) -> None:
        self.respond()

    def respond(self) -> None:
        """Answer one request, or let a fault do so."""
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.dashboard.asked.append((self.command, self.path))
        for (method, path), fault in list(self.dashboard.faults.items()):
            if method == self.command and self.path.startswith(path) and fault(self):
                return
        self.answer(*self.real())

    def real(self) -> tuple[int, object]:
        """Return what Ray would answer: a status, and text or a document."""
        path = self.path.partition("?")[0]
        if path == "/api/version":
            return 200, {
                "version": "4",
                "ray_version": self.dashboard.ray,
                "ray_commit": "",
                "session_name": "",
            }
        if path == "/nodes":
            ray = f"/opt/venv/lib/python{self.dashboard.python}/site-packages/ray/raylet"
            return 200, {"data": {"summary": [{"raylet": {"cmdline": [ray]}}]}}
        if path == "/api/v0/nodes":
            return 200, self._nodes()
        if path.startswith("/api/packages/"):
            return self._package(path)
        if path.startswith("/api/jobs/"):
            return self._job(path.removeprefix("/api/jobs/"))
        return 404, "404: Not Found"

    def answer(self, status: int, content: object) -> None:
        """Send an answer."""
        text = content if isinstance(content, str) else json.dumps(content)
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _nodes(self) -> object:
        nodes = [
            {
                "node_id": self.dashboard.head if at == 0 else f"{self.dashboard.head}{at}",
                "node_ip": "127.0.0.1",
                "is_head_node": at == 0,
                "state": "ALIVE",
                "state_message": None,
                "start_time_ms": 1,
                "end_time_ms": 0,
                "node_name": "",
                "resources_total": resources,
                "labels": self.dashboard.labels,
            }
            for at, resources in enumerate(self.dashboard.nodes)
        ]
        counts = dict.fromkeys(("total", "num_after_truncation", "num_filtered"), len(nodes))
        told = {"partial_failure_warning": "", "warnings": None}
        return {"result": True, "msg": "", "data": {"result": {"result": nodes, **counts, **told}}}

    def _package(self, path: str) -> tuple[int, object]:
        if self.command == "PUT":
            self.dashboard.packages[path] = self.body
            return 200, {}
        return (200, {}) if path in self.dashboard.packages else (404, "no such package")

    def _job(self, rest: str) -> tuple[int, object]:
        jobs, (name, _, verb) = self.dashboard.jobs, rest.partition("/")
        if not name:
            return self._submit(json.loads(self.body))
        if name not in jobs:
            return 404, f"Job {name} does not exist."
        if verb == "stop":
            stopped = jobs[name]["status"] in ("PENDING", "RUNNING")
            if stopped:
                self.dashboard.end(name, "STOPPED")
            return 200, {"stopped": stopped}
        if verb == "logs":
            return 200, {"logs": jobs[name].get("logs", "")}
        if self.command == "DELETE":
            del jobs[name]
            return 200, {"deleted": True}
        told = {key: jobs[name].get(key) for key in ("status", "message", "entrypoint")}
        return 200, {"type": "SUBMISSION", "submission_id": name, **told}

    def _submit(self, request: Mapping[str, Any]) -> tuple[int, object]:
        name = request["submission_id"]
        if name in self.dashboard.jobs:
            return 500, f"ValueError: Job with submission_id {name} already exists. Use another.\n."
        self.dashboard.jobs[name] = {"status": "RUNNING", "message": "", **request}
        return 200, {"job_id": name, "submission_id": name}


@contextmanager
def serve(safe: ssl.SSLContext | None = None) -> Iterator[Dashboard]:
    """Serve a dashboard on this machine, while inside; behind TLS where there is a context."""
    dashboard = Dashboard()
    handler = type("Answering", (Handler,), {"dashboard": dashboard})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if safe is not None:
        server.socket = safe.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    dashboard.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield dashboard
    finally:
        dashboard.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def silent(handler: Handler) -> bool:
    """Never answer."""
    handler.dashboard.over.wait(60)
    handler.close_connection = True
    return True


def broken(handler: Handler) -> bool:
    """Answer with a fault of the server's."""
    handler.answer(
        500, "Traceback (most recent call last):\n  File x\nRuntimeError: GCS is down.\n"
    )
    return True


def dropped(handler: Handler) -> bool:
    """Do what is asked, and drop the answer."""
    handler.real()
    handler.close_connection = True
    handler.connection.close()
    return True


def once(fault: Fault) -> Fault:
    """Return a fault that happens to one request."""
    left = [True]

    def act(handler: Handler) -> bool:
        return left.pop() and fault(handler) if left else False

    return act


def slow(seconds: float) -> Fault:
    """Return a fault that makes an answer late."""

    def act(handler: Handler) -> bool:
        time.sleep(seconds)
        return False

    return act
