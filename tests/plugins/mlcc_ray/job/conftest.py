"""A job of the stand-in dashboard, and what its driver would write."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mlcc_core import Context, TrainingSpec
from mlcc_ray import plugin

NAME = "demo-sft-12345678-1"


class Sent:
    """A job that was submitted.

    Attributes:
        name: of it.
        folder: in the storage.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder

    def write(self, name: str, document: object) -> None:
        """Write a document as the driver does."""
        (self.folder / name).write_text(json.dumps(document) + "\n")

    def trains(self, step: int, steps: int = 10) -> None:
        """Have logged steps, with a checkpoint at the last one."""
        lines = [
            {"step": at, "steps": steps, "loss": 9.0 - at, "time": time.time()}
            for at in range(1, step + 1)
        ]
        (self.folder / "progress.jsonl").write_text("".join(f"{json.dumps(x)}\n" for x in lines))
        self.write("state.json", {"state": "training", "time": time.time()})
        kept = self.folder / "checkpoints" / "rank-0" / f"step-{step}"
        kept.mkdir(parents=True)
        (kept / "manifest.json").write_text("{}")
        (kept.parent / f"step-{step + 1}").mkdir()  # which is not whole

    def completes(self) -> None:
        """Leave an output and a result."""
        output = self.folder / "output"
        output.mkdir()
        (output / "adapter_config.json").write_text("{}")
        self.write("state.json", {"state": "completed", "time": 2e9})
        where = (self.folder / "output").as_uri()
        self.write("result.json", {"state": "completed", "output": where, "kind": "adapter"})


@pytest.fixture(autouse=True)
def little_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send one small package: nothing runs it here."""
    monkeypatch.setattr("mlcc_ray.code.packages.OWN", ("mlcc_aws",))


@pytest.fixture
def sent(place: Context, spec: Callable[..., TrainingSpec], shared: Path) -> Sent:
    request = plugin.runner.build_request(place, spec())
    plugin.runner.submit(place, NAME, request)
    return Sent(NAME, shared / "jobs" / NAME)
