"""Reward functions and judges for the tests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DIGITS = """
import json

def lambda_handler(events, context):
    scores = []
    for event in events:
        text = event["messages"][-1]["content"]
        share = sum(char.isdigit() for char in text) / max(len(text), 1)
        scores.append({"id": event["id"], "aggregate_reward_score": share})
    return {"statusCode": 200, "body": json.dumps(scores)}
"""
"""The share of digits in a reply."""


@dataclass
class Stub:
    """A judge that runs: where, what it was asked, with which headers."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def prompts(self) -> list[str]:
        return [body["messages"][-1]["content"] for body in self.asked]


Answer = Callable[[Stub, str], tuple[int, str]]
"""From the stub and a prompt to a status and the judge's words."""


@contextmanager
def judge_server(answer: Answer, *, again: Stub | None = None) -> Iterator[Stub]:
    """An OpenAI-compatible server on this machine, as long as the context lasts.

    With ``again``, at the address of that stub, which remembers what is asked.
    """
    stub = again or Stub()
    port = int(stub.url.rpartition(":")[2].partition("/")[0] or 0)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                stub.asked.append(body)
                stub.headers.append(dict(self.headers))
                status, text = answer(stub, body["messages"][-1]["content"])
            content = text
            if not text.startswith('{"choices"') and not text.startswith('{"error"'):
                content = json.dumps({"choices": [{"message": {"content": text}}]})
            data = (content if status == 200 else text).encode()
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", text)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 64

    server = Server(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    stub.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


@contextmanager
def judge_with_outage(answer: Answer, *, after: int, seconds: float) -> Iterator[Stub]:
    """A judge that is down for some seconds once it was asked ``after`` times: its port is shut."""
    enough, done = threading.Event(), threading.Event()
    stub = Stub()

    def open_counter(asked: Stub, prompt: str) -> tuple[int, str]:
        if len(asked.asked) >= after:
            enough.set()
        return answer(asked, prompt)

    def serve() -> None:
        with judge_server(open_counter, again=stub):
            started.set()
            enough.wait(120)
        time.sleep(seconds)
        with judge_server(answer, again=stub):
            done.wait(120)

    started = threading.Event()
    thread = threading.Thread(target=serve)
    thread.start()
    started.wait(10)
    try:
        yield stub
    finally:
        enough.set()
        done.set()
        thread.join(timeout=30)
