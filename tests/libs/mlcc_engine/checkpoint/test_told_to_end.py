"""SIGTERM of a machine that shuts down: the last step is kept, and the same weights come out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mlcc_engine.checkpoint.store import Store
from tests.libs.mlcc_engine.checkpoint.kills import reached
from tests.libs.mlcc_engine.checkpoint.runs import logged, supervised, weights
from tests.libs.mlcc_engine.test_process import result

pytestmark = pytest.mark.slow

SLOWLY = "tests.libs.mlcc_engine.slowly:slowly"


def start(folder: Path, cache: Path, **changes: Any) -> subprocess.Popen[str]:
    """Start a job that outlives its caller, as platforms do; its next checkpoint is far away."""
    folder.mkdir(exist_ok=True)
    body = supervised(folder, cache, **{"checkpoint_every": "1h", **changes})
    (folder / "request.json").write_text(json.dumps(body))
    return subprocess.Popen(
        [sys.executable, "-m", "mlcc_engine", "--detached", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def ended(process: subprocess.Popen[str]) -> str:
    return process.communicate(timeout=180)[0]


def wait_for_step(folder: Path, step: int) -> None:
    deadline = time.monotonic() + 240
    while reached(folder) < step and time.monotonic() < deadline:
        time.sleep(0.002)
    assert reached(folder) >= step


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=pytest.mark.full)])
def test_it_goes_on_from_the_last_step(processes: int, tmp_path: Path, cache: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    text = ended(start(whole, cache, processes=processes))
    assert result(whole)["state"] == "completed", text
    process = start(cut, cache, processes=processes, callbacks=[SLOWLY])
    wait_for_step(cut, 5)
    process.send_signal(signal.SIGTERM)
    text = ended(process)
    assert (result(cut)["state"], result(cut)["fault"]) == ("failed", "platform"), text
    (step,) = Store(cut).steps()
    assert step == reached(cut)
    (cut / "result.json").unlink()
    assert f"going on from the checkpoint at step {step}" in ended(
        start(cut, cache, processes=processes)
    )
    assert weights(cut / "output") == weights(whole / "output") != []
    assert logged(cut) == logged(whole)


def test_a_user_who_stops_it_wants_no_checkpoint(tmp_path: Path, cache: Path) -> None:
    process = start(tmp_path / "job", cache, callbacks=[SLOWLY])
    wait_for_step(tmp_path / "job", 2)
    (tmp_path / "job" / "stop").touch()
    process.send_signal(signal.SIGTERM)
    assert "checkpoint at step" not in ended(process)
    assert result(tmp_path / "job")["state"] == "stopped"


def test_without_checkpoints_it_ends_after_the_step(tmp_path: Path, cache: Path) -> None:
    process = start(tmp_path / "job", cache, checkpoint_every="never", callbacks=[SLOWLY])
    wait_for_step(tmp_path / "job", 2)
    process.send_signal(signal.SIGTERM)
    ended(process)
    assert result(tmp_path / "job")["fault"] == "platform"
    assert not Store(tmp_path / "job").steps()
