"""A project whose jobs log steps at once, with the trackers alone as the plugin that listens."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlcc_trackers
from mlcc_core.contract.job import Progress
from mlcc_core.testing.platform import FakePlatform
from mlcc_trackers.listener import Listener
from tests.mlcc_core.world import World, make_world

STEPS = 6


class Logging(FakePlatform):
    """A job that logs two steps between two looks."""

    def __init__(self) -> None:
        super().__init__()
        self.course = ("running", "running", "completed")

    def progress_since(self, context, name, step):
        with self.call("progress_since"):
            job = self.jobs[name]
            done = min(2 * min(job.looks, len(job.course)), STEPS)
            return [
                Progress(step=n, steps=STEPS, loss=1 / n, metrics={"held_out_loss": 2 / n})
                for n in range(step + 1, done + 1)
            ]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A project; its listener is a new one, as in a new process."""
    world = make_world(tmp_path)
    world.platform = Logging()
    world.events = mlcc_trackers
    new_process()
    yield world
    new_process()


def new_process() -> None:
    """Begin with a listener that knows of no run and has warned of nothing."""
    mlcc_trackers._listeners[:] = [Listener()]


def tracked(world: World) -> list[str]:
    """The lines that were said of trackers."""
    return [line for line in world.heard.lines if "racked by" in line or line.startswith("⚠️")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real MLflow server on this machine, with a database of SQLite."""
    folder, port = tmp_path_factory.mktemp("mlflow"), free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1"]
    command += ["--port", str(port), "--backend-store-uri", f"sqlite:///{folder}/mlflow.db"]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (folder / "log.txt").open("wb") as log:
        server = subprocess.Popen(
            ["env", *(f"{key}={value}" for key, value in quiet.items()), *command],
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", server, folder / "log.txt")
            yield f"http://127.0.0.1:{port}"
        finally:
            _end(server)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until it answers: a busy machine takes a minute to import it."""
    until = time.monotonic() + 240
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"MLflow does not answer: {log.read_text()[-2000:]}")


def _end(server: subprocess.Popen[bytes]) -> None:
    import os

    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
