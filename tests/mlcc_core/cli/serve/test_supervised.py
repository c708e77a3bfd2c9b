"""``mlcc serve`` with a platform's own server: a real program that stands in for it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import mlcc_core.cli.serve.serve as command
from mlcc_core.actions.serve.request import ReadyServer
from mlcc_core.contract.platform.chatting import ServerCommand, ServerPlan
from mlcc_core.contract.platform.values import Adapter
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

PROGRAM = """
import http.server, os, pathlib, signal, subprocess, sys, time
folder, port, how = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
(folder / "pids").write_text(f"{os.getpid()} {child.pid}")
(folder / "key").write_text(os.environ["THE_KEY"])
if how == "dies":
    sys.exit("no memory left on the device")
if how == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        ok = time.monotonic() > begun + 0.5
        self.send_response(200 if ok else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
begun = time.monotonic()
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture
def program(world: World, folder: Path):
    """Let the platform have a server of its own, which behaves in some way."""

    def have(how: str) -> list[ServerPlan]:
        plans = []

        def server(plan: ServerPlan) -> ServerCommand:
            plans.append(plan)
            words = (sys.executable, "-c", PROGRAM, str(folder), str(plan.port), how)
            return ServerCommand("Standin", words, {"THE_KEY": str(plan.key)}, {"two": "too large"})

        world.platform.answers.server = server
        return plans

    return have


def gone(folder: Path) -> bool:
    """Both processes of the program have ended."""
    ends = time.monotonic() + 30
    pids = [int(pid) for pid in (folder / "pids").read_text().split()]
    while time.monotonic() < ends:
        if not any(lives(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def when_ready(monkeypatch: pytest.MonkeyPatch, work: Any) -> list[ReadyServer]:
    """Do something in another thread once the server answers."""
    told: list[ReadyServer] = []
    shown = command.show_ready

    def show_ready(console: Any, ready: ReadyServer) -> None:
        shown(console, ready)
        told.append(ready)
        threading.Thread(target=work, args=(ready,), daemon=True).start()

    monkeypatch.setattr(command, "show_ready", show_ready)
    return told


def interrupt(_: ReadyServer) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_a_server_of_the_platforms_own(
    world: World, mlcc: Mlcc, program: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("one", "two"):
        world.platform.adapters[name] = Adapter(name, "adapter", "somewhere")
        world.platform.answers.models.add(name)
    plans = program("well")
    when_ready(monkeypatch, interrupt)
    said = mlcc("serve", "--port", "0", "--api-key", "s3cret")
    assert said.code == 0, said.err
    (plan,) = plans
    assert (plan.base, plan.key) == (("fake-model", "base"), "s3cret")
    assert "one" in plan.subjects
    assert (folder / "key").read_text() == "s3cret"
    assert f"with Standin on http://127.0.0.1:{plan.port}/v1 (Ctrl-C stops)" in said.out
    assert "⚠️  two is not served: too large" in said.err
    assert "s3cret" not in said.out + said.err
    assert world.platform.answers.calls.count("open_chat") == 0
    assert gone(folder)


def test_one_that_dies_at_once(world: World, mlcc: Mlcc, program: Any, folder: Path):
    program("dies")
    said = mlcc("serve", "--port", "0")
    assert said.code == 3
    assert said.crosses == ["❌ Standin ended with exit code 1; what it printed says why."]
    assert "mlcc serve --server mlcc" in said.err
    assert gone(folder)


def test_one_that_dies_later(
    world: World, mlcc: Mlcc, program: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    program("well")

    def die(_: ReadyServer) -> None:
        os.kill(int((folder / "pids").read_text().split()[0]), signal.SIGKILL)

    when_ready(monkeypatch, die)
    said = mlcc("serve", "--port", "0")
    assert said.code == 3
    assert "❌ Standin was killed by signal 9" in said.err
    assert gone(folder)


def test_one_that_does_not_stop_is_killed(
    world: World, mlcc: Mlcc, program: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("mlcc_core.actions.serve.supervise.GRACE", 0.3)
    program("stubborn")
    when_ready(monkeypatch, interrupt)
    assert mlcc("serve", "--port", "0").code == 0
    assert gone(folder)


def test_one_that_cannot_be_started(world: World, mlcc: Mlcc, folder: Path):
    world.platform.answers.server = lambda plan: ServerCommand("Standin", (str(folder / "none"),))
    said = mlcc("serve", "--port", "0")
    assert said.code == 3
    assert said.crosses == ["❌ Standin cannot be started: No such file or directory."]


def test_the_own_server_is_chosen(
    world: World, mlcc: Mlcc, program: Any, monkeypatch: pytest.MonkeyPatch
):
    assert program("well") == []
    told = when_ready(monkeypatch, interrupt)
    assert mlcc("serve", "--port", "0", "--server", "mlcc").code == 0
    assert told[0].server == "mlcc"
    assert world.platform.answers.calls.count("server_command") == 0
