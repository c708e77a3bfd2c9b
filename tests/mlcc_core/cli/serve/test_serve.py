"""``mlcc serve`` as typed, with a platform of fakes, in this process."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest

import mlcc_core.actions.serve.serve
import mlcc_core.cli.serve.serve as command
from mlcc_core.actions.serve.request import ReadyServer
from mlcc_core.actions.serve.server.run import Server
from mlcc_core.contract.platform.chatting import Piece
from mlcc_core.contract.platform.values import Adapter
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers import install_command
from mlcc_core.testing.parts.answering import FakeAnswering, FakeChatSession
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

Meanwhile = Callable[[ReadyServer], Any]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Meanwhile], list[Any]]:
    """Do something in another thread as soon as the server answers, then stop it."""

    def set_up(work: Meanwhile, number: int = signal.SIGINT) -> list[Any]:
        came_to: list[Any] = []
        shown = command.show_ready

        def at_once(ready: ReadyServer) -> None:
            try:
                came_to.append(work(ready))
            except Exception as error:
                came_to.append(error)
            finally:
                os.kill(os.getpid(), number)

        def show_ready(console: Any, ready: ReadyServer) -> None:
            shown(console, ready)
            threading.Thread(target=at_once, args=(ready,), daemon=True).start()

        monkeypatch.setattr(command, "show_ready", show_ready)
        return came_to

    return set_up


def ask(ready: ReadyServer, model: str, key: str = "none") -> str:
    with openai.OpenAI(base_url=ready.url, api_key=key, max_retries=0) as client:
        messages = [{"role": "user", "content": "Hi"}]
        found = client.chat.completions.create(model=model, messages=messages)
    return found.choices[0].message.content


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_everything_of_the_project_is_served(world: World, mlcc: Mlcc, meanwhile: Any, number: int):
    job = world.tune().job
    world.platform.adapters["deployed"] = Adapter("deployed", "adapter", "somewhere")
    world.platform.answers.models.add("deployed")
    names = ("fake-model", "base", "deployed", "other-model", job)
    answers = meanwhile(lambda ready: [ask(ready, name) for name in names], number)
    said = mlcc("serve", "other-model", "--port", "0")
    assert said.code == 0, said.err
    assert answers == [["base: Hi", "base: Hi", "deployed: Hi", "other-model: Hi", f"{job}: Hi"]]
    first, models, curl, python, last = said.out.splitlines()
    assert first.startswith("✅ Serving fake-model and 2 adapters on http://127.0.0.1:")
    assert first.endswith("/v1 (Ctrl-C stops)")
    assert models == f"   Models: {', '.join(names)}"
    assert "/chat/completions" in curl
    assert "OpenAI(base_url=" in python
    assert last == "✅ Stopped."
    loading, *log = said.err.splitlines()
    assert loading == "⏳ Getting fake-model ready …"
    assert [line.split()[:2] for line in log] == [[name, "200"] for name in names]


def test_the_document(world: World, mlcc: Mlcc, meanwhile: Any):
    meanwhile(lambda ready: None)
    said = mlcc("serve", "--port", "0", "--json")
    assert said.code == 0
    url = said.document.pop("url")
    assert url.startswith("http://127.0.0.1:")
    assert said.document == {
        "url": url,
        "server": "mlcc",
        "base": "fake-model",
        "models": ["fake-model", "base"],
        "left_out": {},
    }


def test_the_key_is_never_shown(
    world: World, mlcc: Mlcc, meanwhile: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MLCC_SERVE_API_KEY", "s3cret")

    def both(ready: ReadyServer) -> str:
        with pytest.raises(openai.AuthenticationError):
            ask(ready, "base")
        return ask(ready, "base", "s3cret")

    answers = meanwhile(both)
    said = mlcc("serve", "--port", "0")
    assert (said.code, answers) == (0, ["base: Hi"])
    assert "s3cret" not in said.out + said.err
    assert "Bearer $MLCC_SERVE_API_KEY" in said.out
    assert "   Where you paste these, first: export MLCC_SERVE_API_KEY=YOUR_KEY" in said.out


def test_broken_models_among_good_ones(world: World, mlcc: Mlcc, meanwhile: Any):
    """One that cannot be found, one that cannot be made ready, and one of another base."""
    for name in ("gone", "damaged", "good"):
        world.platform.adapters[name] = Adapter(name, "adapter", "somewhere")
    found_before, ready_before = FakeAnswering.find_subject, FakeChatSession.prepare

    def find_subject(self: FakeAnswering, context: Any, text: str) -> Any:
        return None if text == "gone" else found_before(self, context, text)

    def prepare(self: FakeChatSession, subject: Any) -> None:
        if subject.title == "damaged":
            raise MlccError("The weights of damaged cannot be read.")
        ready_before(self, subject)

    other = world.tune(model="other-model").job

    def asked(ready: ReadyServer) -> list[str]:
        found = [ask(ready, "good")]
        for name in ("gone", "damaged", other):
            with pytest.raises(openai.NotFoundError) as caught:
                ask(ready, name)
            found.append(caught.value.message)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FakeAnswering, "find_subject", find_subject)
        patch.setattr(FakeChatSession, "prepare", prepare)
        answers = meanwhile(asked)
        said = mlcc("serve", "--port", "0")
    assert said.code == 0, said.err
    assert len([line for line in said.err.splitlines() if line.startswith("⚠️")]) == 3
    (good, gone, damaged, of_other), *_ = answers
    assert good == "good: Hi"
    assert "'gone' is not served: this platform cannot ask it." in gone
    assert "cannot be read" in damaged
    assert "it is an adapter of other-model, and fake-model is served" in of_other


@pytest.mark.parametrize(
    ("target", "what"),
    [
        ("nosuch", "❌ TARGET: 'nosuch' is neither a run of this project nor"),
        ("damaged", "❌ TARGET: The weights of damaged cannot be read."),
    ],
)
def test_a_target_that_cannot_be_served(
    world: World, mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch, target: str, what: str
):
    world.platform.adapters["damaged"] = Adapter("damaged", "adapter", "somewhere")
    prepare = FakeChatSession.prepare

    def refuse(self: FakeChatSession, subject: Any) -> None:
        if subject.title == "damaged":
            raise MlccError("The weights of damaged cannot be read.")
        prepare(self, subject)

    monkeypatch.setattr(FakeChatSession, "prepare", refuse)
    said = mlcc("serve", target, "--port", "0")
    assert said.code == 1
    assert said.crosses[0].startswith(what)


def test_a_taken_port(world: World, mlcc: Mlcc):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = mlcc("serve", "--port", str(port))
    assert said.code == 1
    assert said.crosses == [
        f"❌ --port {port}: Port {port} of 127.0.0.1 is taken by another program."
    ]
    assert "mlcc serve --port " in said.err
    assert world.platform.answers.calls == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--host", "0.0.0.0"], "Other machines reach 0.0.0.0"),
        (["--host", "no.such.host.invalid"], "Other machines reach"),
        (["--host", "127.0.0.1", "--api-key", " x"], "cannot be sent by clients"),
        (["--port", "70000"], "--port"),
        (["--server", "platform", "--port", "0"], "has no server of its own on this machine"),
    ],
)
def test_what_cannot_be_served(world: World, mlcc: Mlcc, words: list[str], found: str):
    said = mlcc("serve", *words)
    assert said.code == 1
    (cross,) = said.crosses
    assert found in cross


def test_a_base_that_cannot_be_made_ready(world: World, mlcc: Mlcc):
    world.platform.answers.fail("open_chat", PlatformError("The disk is gone."))
    said = mlcc("serve", "--port", "0")
    assert (said.code, said.crosses) == (3, ["❌ The disk is gone."])


def test_the_package_that_is_missing(world: World, mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch):
    def find_spec(name: str) -> None:
        return None

    monkeypatch.setattr("mlcc_core.helpers.extras.find_spec", find_spec)
    said = mlcc("serve", "--port", "0")
    assert said.code == 1
    assert said.crosses == ["❌ Serving models needs the Python package 'starlette'."]
    assert install_command("mlcc[serve]") in said.err


@dataclass
class Endless:
    """Replies that never end: that one has begun, and that one was stopped."""

    begun: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Endless:
    """Replies that never end; what happened to them."""
    seen = Endless()

    def reply(*_: object, **__: object) -> Iterator[Piece]:
        try:
            while True:
                yield Piece("on and on ")
                seen.begun.set()
                time.sleep(0.01)
        finally:
            seen.stopped.set()

    monkeypatch.setattr(FakeChatSession, "reply", reply)
    return seen


def stream(ready: ReadyServer) -> threading.Thread:
    """Read an endless reply in a thread of its own."""
    begun = threading.Event()

    def read() -> None:
        with openai.OpenAI(base_url=ready.url, api_key="none", max_retries=0) as client:
            messages = [{"role": "user", "content": "Hi"}]
            found = client.chat.completions.create(model="base", messages=messages, stream=True)
            with suppress(openai.APIError):  # it is cut
                for _ in found:
                    begun.set()

    thread = threading.Thread(target=read)
    thread.start()
    assert begun.wait(30)
    return thread


def post(ready: ReadyServer, *, stream: bool) -> tuple[int, str]:
    """Return the status and the last document."""
    body = {"model": "base", "messages": [{"role": "user", "content": "Hi"}], "stream": stream}
    to = urlsplit(ready.url)
    connection = http.client.HTTPConnection(to.hostname, to.port, timeout=30)
    with closing(connection):
        headers = {"Content-Type": "application/json"}
        connection.request("POST", f"{to.path}/chat/completions", json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode().strip().rpartition("\n\n")[2]


@pytest.mark.parametrize("streamed", [True, False])
def test_running_replies_end_with_the_reason(
    world: World,
    mlcc: Mlcc,
    meanwhile: Any,
    endless: Endless,
    monkeypatch: pytest.MonkeyPatch,
    streamed: bool,
):
    monkeypatch.setattr("mlcc_core.actions.serve.server.run.GRACE", 0.2)
    found: list[Any] = []

    def begin(ready: ReadyServer) -> threading.Thread:
        thread = threading.Thread(target=lambda: found.extend(post(ready, stream=streamed)))
        thread.start()
        assert endless.begun.wait(30)
        return thread

    threads = meanwhile(begin)
    said = mlcc("serve", "--port", "0")
    assert said.code == 0
    threads[0].join(30)
    assert endless.stopped.wait(30)
    status, last = found
    assert status == (200 if streamed else 503)
    assert json.loads(last.removeprefix("data: "))["error"] == {
        "message": "The server is stopping.",
        "type": "server_error",
        "param": None,
        "code": "server_stopping",
    }
    assert said.err.splitlines()[-1].split()[:3] == ["base", "503", "server_stopping"]


def test_a_second_interrupt_ends_at_once(
    world: World,
    mlcc: Mlcc,
    meanwhile: Any,
    endless: Endless,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("mlcc_core.actions.serve.server.run.GRACE", 1000)
    heard, handle_exit = threading.Event(), Server.handle_exit

    def handle(server: Server, number: int, frame: FrameType | None) -> None:
        handle_exit(server, number, frame)
        heard.set()

    monkeypatch.setattr(Server, "handle_exit", handle)

    def twice(ready: ReadyServer) -> threading.Thread:
        thread = stream(ready)
        os.kill(os.getpid(), signal.SIGINT)
        assert heard.wait(60)
        return thread

    threads = meanwhile(twice)
    said = mlcc("serve", "--port", "0")
    assert said.code == 130
    threads[0].join(30)
    assert endless.stopped.wait(30)


def test_what_is_printed_can_be_pasted(world: World, mlcc: Mlcc, meanwhile: Any):
    meanwhile(lambda ready: None)
    curl = mlcc("serve", "--port", "0").out.splitlines()[2]
    body = curl.partition(" -d ")[2].strip("'")
    assert json.loads(body)["messages"][0]["role"] == "user"


def test_every_public_name_is_there():
    assert mlcc_core.serve is mlcc_core.actions.serve.serve.serve
