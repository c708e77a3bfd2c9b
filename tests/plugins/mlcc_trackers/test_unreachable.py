"""Trackers that are down, silent or slow: they cost a run a few seconds and one line, at most."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from mlcc_trackers.delivery import Delivery, Patience
from mlcc_trackers.tracker import Point, TrackedRun, Tracker
from tests.mlcc_core.world import World
from tests.plugins.mlcc_trackers.conftest import free_port, tracked

pytestmark = pytest.mark.filterwarnings("ignore")

LIMIT = 60.0
"""Seconds, on a machine that is busy with other things; measured: 0.3 and 3."""


def test_a_server_that_is_down(world: World, monkeypatch):
    port = free_port()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://me:secret@127.0.0.1:{port}")
    began = time.monotonic()
    result = world.tune(values={"epochs": 3})
    assert time.monotonic() - began < LIMIT
    assert result.state.status == "completed"
    news, warning = tracked(world)
    assert news == f"ℹ️  Tracked by MLflow at http://127.0.0.1:{port}"
    assert warning == (
        f"⚠️  MLflow at http://127.0.0.1:{port} does not take the run, which is not affected: "
        "it cannot be reached."
    )
    assert "secret" not in "".join(world.heard.lines)


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that accepts everything and never answers."""
    accepted = []
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                accepted.append(listening.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    for each in accepted:
        each.close()


@pytest.mark.slow
def test_a_server_that_never_answers(world: World, silent: str, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", silent)
    began = time.monotonic()
    for technique in ("fake", "second"):
        result = world.tune(values={"epochs": 3}, technique=technique)
        assert result.state.status == "completed"
    assert time.monotonic() - began < LIMIT
    warnings = [line for line in tracked(world) if "racked by" not in line]
    assert len(warnings) == 1
    assert warnings[0] == (
        f"⚠️  MLflow at {silent} does not take the run, which is not affected: it does not answer."
    )


class Slow(Tracker):
    """A tracker that takes as long as it is let, and fails as often as it is told."""

    reaching = importing = 0.0

    name, module, install = "slow", "json", "nothing"
    place = "Slow"

    def __init__(self) -> None:
        super().__init__(TrackedRun("p-1", "p", __import__("pathlib").Path()), {})
        self.let, self.failures = threading.Event(), 0
        self.heard: list[object] = []

    def reach(self) -> None:
        time.sleep(self.reaching)

    def load(self) -> None:
        time.sleep(self.importing)
        self.heard.append("load")

    def start(self) -> None:
        if self.failures:
            self.failures -= 1
            raise ValueError("no https://me:secret@x.example.org/ here")
        self.heard.append("start")

    def log(self, points) -> None:
        self.let.wait(30)
        self.heard += [point.step for point in points]

    def finish(self, ending) -> None:
        self.heard.append(ending)

    def summarize(self, numbers, tags) -> None:
        self.heard.append("summary")

    def close(self) -> None:
        self.heard.append("close")


def test_a_slow_tracker_does_not_slow_the_run():
    tracker, said = Slow(), []
    delivery = Delivery(tracker, Patience(), said.append)
    began = time.monotonic()
    for step in range(1000):
        delivery.put(Point(step, 0.0, {"loss": 1.0}))
    assert time.monotonic() - began < 5
    assert 999 not in tracker.heard
    tracker.let.set()
    delivery.put(lambda: tracker.finish("completed"))
    delivery.close()
    assert tracker.heard == ["load", "start", *range(1000), "completed", "close"]
    assert said == []


def test_patience_is_for_all_runs_together():
    patience, said = Patience(seconds=0.5), []
    trackers = [Slow(), Slow()]
    deliveries = [Delivery(tracker, patience, said.append) for tracker in trackers]
    for delivery in deliveries:
        delivery.put(Point(1, 0.0, {}))
        delivery.close()
    assert patience.seconds <= 0
    assert said == ["⚠️  Slow does not take the run, which is not affected: it does not answer."]
    for tracker in trackers:
        tracker.let.set()


def test_a_server_that_is_slow_to_be_reached_costs_patience():
    tracker, patience, said = Slow(), Patience(seconds=0.2), []
    tracker.reaching = 20.0
    delivery = Delivery(tracker, patience, said.append)
    delivery.put(Point(1, 0.0, {}))
    began = time.monotonic()
    delivery.close()
    assert time.monotonic() - began < 10
    assert patience.seconds <= 0
    assert said == ["⚠️  Slow does not take the run, which is not affected: it does not answer."]


def test_a_package_may_take_its_time_to_be_imported():
    tracker, patience, said = Slow(), Patience(seconds=2.0), []
    tracker.importing = 2.5
    tracker.let.set()
    delivery = Delivery(tracker, patience, said.append)
    delivery.put(Point(1, 0.0, {}))
    delivery.close()
    assert tracker.heard == ["load", "start", 1, "close"]
    assert said == []
    assert patience.seconds > 0


def test_news_wait_for_a_tracker_that_comes_back(monkeypatch):
    monkeypatch.setattr("mlcc_trackers.delivery.PAUSE", 0.01)
    tracker, said = Slow(), []
    tracker.failures = 3
    tracker.let.set()
    delivery = Delivery(tracker, Patience(), said.append)
    for step in range(3):
        delivery.put(Point(step, 0.0, {}))
    end = time.monotonic() + 30
    while 2 not in tracker.heard and time.monotonic() < end:
        time.sleep(0.01)
    delivery.close()
    assert tracker.heard == ["load", "start", 0, 1, 2, "close"]
    (line,) = said
    assert line == ("⚠️  Slow does not take the run, which is not affected: ValueError: no here")
