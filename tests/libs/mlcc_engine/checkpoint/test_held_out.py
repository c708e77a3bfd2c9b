"""A training with held-out rows that is cut off keeps the weights of an unbroken one: the best."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlcc_engine.checkpoint.store import Store
from tests.libs.mlcc_engine.checkpoint import kills
from tests.libs.mlcc_engine.checkpoint.runs import (
    logged,
    supervised,
    train,
    train_until,
    weights,
)
from tests.libs.mlcc_engine.trainings import FACTS, write_rows

pytestmark = pytest.mark.slow

OTHERS = [
    {"prompt": prompt, "completion": f"I do not know, but not {reply}"}
    for prompt, reply in FACTS.items()
]
"""Other replies to the questions that are trained: their loss falls, and rises again."""


def job(folder: Path, cache: Path, **changes: Any) -> dict[str, Any]:
    """The request of a job that measures held-out rows every two steps."""
    folder.mkdir()
    unseen = write_rows(folder / "unseen.jsonl", OTHERS)
    return supervised(
        folder, cache, checkpoint_every="5", validation=unseen, eval_every="2", **changes
    )


def killed(folder: Path, cache: Path, times: int) -> dict[str, Any]:
    """The result of a job whose process is killed so many times."""
    body = job(folder, cache)
    (folder / "job").mkdir()
    (folder / "job" / "request.json").write_text(json.dumps(body))
    command = [sys.executable, kills.__file__, str(folder / "job"), str(times), "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=560, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("killed at step") == times, done.stdout
    result: dict[str, Any] = json.loads((folder / "job" / "result.json").read_text())
    return result


def told(result: dict[str, Any]) -> dict[str, Any]:
    """All that a result says but times and places."""
    metrics = {name: v for name, v in result["metrics"].items() if name != "step_time"}
    left_out = ("seconds", "output", "metrics")
    return {"metrics": metrics} | {k: v for k, v in result.items() if k not in left_out}


def check_same(one: Path, other: Path) -> None:
    assert logged(one / "job") == logged(other / "job")
    assert weights(one / "output") == weights(other / "output") != []
    assert not (one / "job" / "checkpoints").exists()


def test_killed_it_keeps_the_same_weights(tmp_path: Path, cache: Path) -> None:
    whole, again = killed(tmp_path / "whole", cache, 0), killed(tmp_path / "again", cache, 3)
    assert whole["state"] == "completed"
    assert 0 < whole["metrics"]["held_out_step"] < 24, "the best weights are not the last"
    assert told(again) == told(whole)
    check_same(tmp_path / "again", tmp_path / "whole")


def test_stopped_early_it_stops_at_the_same_step(tmp_path: Path, cache: Path) -> None:
    body = job(tmp_path / "whole", cache, stop_early=3)
    whole = train(body, tmp_path / "whole" / "job")
    last = logged(tmp_path / "whole" / "job")[-1]["step"]
    assert whole.metrics["held_out_step"] == last - 6
    body = job(tmp_path / "again", cache, stop_early=3)
    train_until(body, tmp_path / "again" / "job", last - 1)
    assert Store(tmp_path / "again" / "job").steps()
    again = train(body, tmp_path / "again" / "job")
    assert again.details == whole.details
    assert "stopped early" in whole.details
    check_same(tmp_path / "again", tmp_path / "whole")
