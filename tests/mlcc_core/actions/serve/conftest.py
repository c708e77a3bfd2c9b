"""A server of fakes in this process, on a port of its own."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest

from mlcc_core.actions.serve.listening import hosts_of, listen, url_of
from mlcc_core.actions.serve.request import ServeRequest
from mlcc_core.actions.serve.served import Served
from mlcc_core.actions.serve.server.app import Api
from mlcc_core.actions.serve.server.run import Server
from mlcc_core.contract.job import Output
from mlcc_core.contract.platform.values import Context
from mlcc_core.testing.parts.answering import FakeAnswering


@dataclass
class Running:
    """A server that runs, and what it said."""

    url: str
    fake: FakeAnswering
    log: list[str] = field(default_factory=list)

    clients: list[openai.OpenAI] = field(default_factory=list)

    def client(self, key: str = "none") -> openai.OpenAI:
        found = openai.OpenAI(base_url=self.url, api_key=key, max_retries=0, timeout=30)
        self.clients.append(found)
        return found

    def ask(self, text: str = "hello there", model: str = "base", **more: object) -> Any:
        messages = [{"role": "user", "content": text}]
        return self.client().chat.completions.create(model=model, messages=messages, **more)

    def post(self, body: bytes | str, **headers: str) -> tuple[int, Any]:
        """Send a body with headers as they are; return the status and the document."""
        to = urlsplit(self.url)
        connection = http.client.HTTPConnection(to.hostname, to.port, timeout=30)
        headers = {"content-type": "application/json", **headers}
        try:
            connection.request("POST", "/v1/chat/completions", body, headers)
            answer = connection.getresponse()
            assert "access-control-allow-origin" not in answer.headers
            return answer.status, json.load(answer)
        finally:
            connection.close()


Start = Callable[..., Running]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Start]:
    """Start a server that serves the base, two adapters, and knows a broken one."""
    ending = []

    def start(key: str | None = None) -> Running:
        fake = FakeAnswering()
        context = Context(tmp_path, "proj")
        base = fake.base_subject(context, "fake-model")
        served = Served(base, ("fake-model", "base"), {"fake-model": base, "base": base})
        for name in ("one", "two"):
            output = Output("adapter", name)
            served.subjects[name] = fake.run_subject(context, name, "fake-model", output)
        served.left_out["broken"] = "its weights are gone."
        listener = listen(ServeRequest(port=0))
        found = Running(url_of("127.0.0.1", listener.getsockname()[1]), fake)
        chat = fake.open_chat(context, [base])
        api = Api(served, chat.__enter__(), hosts_of("127.0.0.1"), key, found.log.append)
        ready = threading.Event()
        server = Server(api, ready.set)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        ending.append((found, server, thread))
        assert ready.wait(30)
        return found

    yield start
    for found, server, thread in ending:
        for client in found.clients:
            client.close()
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()
