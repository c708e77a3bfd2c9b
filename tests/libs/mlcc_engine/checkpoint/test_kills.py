"""SIGKILL at any moment, again and again: one finished job, with the weights of an unbroken one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mlcc_engine.checkpoint.store import Store
from tests.libs.mlcc_engine.checkpoint import kills
from tests.libs.mlcc_engine.checkpoint.runs import logged, supervised, weights

pytestmark = pytest.mark.slow


def run(folder: Path, cache: Path, times: int) -> str:
    """Run a job whose process is killed so many times, and return what was seen of it."""
    job = folder / "job"
    job.mkdir(parents=True)
    body = supervised(folder, cache, checkpoint_every="1")
    (job / "request.json").write_text(json.dumps(body))
    command = [sys.executable, kills.__file__, str(job), str(times), "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=560, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads((job / "result.json").read_text())
    assert result["state"] == "completed", (result, done.stdout)
    assert not Store(job).steps()
    return done.stdout


def test_killed_at_random_moments(tmp_path: Path, cache: Path, pytestconfig: pytest.Config) -> None:
    times = 20 if pytestconfig.getoption("--full") else 6
    run(tmp_path / "unbroken", cache, 0)
    seen = run(tmp_path / "killed", cache, times)
    assert seen.count("killed at step") == times, seen
    assert weights(tmp_path / "killed" / "output") == weights(tmp_path / "unbroken" / "output")
    assert logged(tmp_path / "killed" / "job") == logged(tmp_path / "unbroken" / "job")
