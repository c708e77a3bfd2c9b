"""Two processes that train one job on the CPU, over gloo."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from mlcc_engine import orphans
from tests.libs.mlcc_engine.ranks.sharding_on_cpu import SOURCE
from tests.libs.mlcc_engine.rl import DIGITS
from tests.libs.mlcc_engine.test_process import PAIRS, result, start
from tests.libs.mlcc_engine.trainings import write_rows

pytestmark = pytest.mark.slow

SLOWLY = "tests.libs.mlcc_engine.slowly:slowly"

FEW = {"num_train_epochs": 2, "global_batch_size": 2}
LONG = {"num_train_epochs": 100_000, "global_batch_size": 2}
NOISE = 1e-4
"""Nats by which sums of float32 in another order may differ after a few steps."""


def losses(folder: Path) -> list[float]:
    lines = (folder / "progress.jsonl").read_text().splitlines()
    return [line["loss"] for line in map(json.loads, lines) if "loss" in line]


def ended(process: Popen[str]) -> str:
    text, _ = process.communicate(timeout=180)
    return text


def make(folder: Path) -> Path:
    folder.mkdir()
    return folder


def children(process: Popen[str]) -> list[int]:
    """The trainers of a job: children of the agent that started them."""
    return [pid for pid, (parent, _) in orphans.processes().items() if parent == process.pid]


def wait_for_progress(folder: Path) -> None:
    deadline = time.monotonic() + 240
    while not (folder / "progress.jsonl").is_file() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (folder / "progress.jsonl").is_file()


def gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not set(pids) & orphans.processes().keys():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(
    "training_type", ["lora", pytest.param("full-rank", marks=pytest.mark.full)]
)
def test_the_same_curve_as_one_process(training_type: str, tmp_path: Path, cache: Path) -> None:
    one, two = make(tmp_path / "one"), make(tmp_path / "two")
    asked: dict[str, Any] = {"training_type": training_type, "hyperparameters": FEW}
    ended(start(one, cache, **asked))
    text = ended(start(two, cache, **asked, processes=2))
    assert result(two)["state"] == "completed", text
    assert losses(two) == pytest.approx(losses(one), abs=NOISE)
    assert len(losses(two)) == 6
    assert text.count("step 6 of 6") == 1
    assert not (two / "ranks").exists()


def weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    found: dict[str, Any] = load_file(folder / "result" / "output" / "adapter_model.safetensors")
    return found


def test_a_killed_job_goes_on_and_measures_held_out_rows(tmp_path: Path, cache: Path) -> None:
    import torch

    rows = write_rows(tmp_path / "held-out.jsonl", PAIRS[:3])
    asked: dict[str, Any] = {
        "hyperparameters": {"num_train_epochs": 8, "global_batch_size": 2},
        "checkpoint_every": "5",
        "validation": rows,
        "eval_every": "4",
        "processes": 2,
    }
    whole, killed = make(tmp_path / "whole"), make(tmp_path / "killed")
    text = ended(start(whole, cache, **asked))
    assert result(whole)["state"] == "completed", text
    process = start(killed, cache, **asked, callbacks=[SLOWLY])
    deadline = time.monotonic() + 240
    while not (killed / "checkpoints" / "step-10").is_dir() and time.monotonic() < deadline:
        time.sleep(0.01)
    trainers = children(process)
    os.kill(process.pid, signal.SIGKILL)
    ended(process)
    assert gone(trainers)
    text = ended(start(killed, cache, **asked))
    assert result(killed)["state"] == "completed", text
    assert "going on from the checkpoint at step" in text
    expected = weights(whole)
    assert all(torch.equal(weight, expected[name]) for name, weight in weights(killed).items())
    assert result(killed)["details"] == result(whole)["details"]
    assert not (killed / "ranks").exists()


def test_sampled_replies(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "f.py").write_text(DIGITS)
    process = start(
        tmp_path,
        cache,
        trainer="trl:GRPOTrainer",
        evaluator={"kind": "function", "value": str(tmp_path / "f.py")},
        hyperparameters={"max_completion_length": 16, "num_train_epochs": 1, "num_generations": 4},
        processes=2,
    )
    text = ended(process)
    assert result(tmp_path)["state"] == "completed", text
    numbers = [json.loads(line) for line in (tmp_path / "progress.jsonl").read_text().splitlines()]
    assert any(line["metrics"].get("reward", 0) > 0 for line in numbers)


@pytest.mark.parametrize(
    "training_type", ["lora", pytest.param("full-rank", marks=pytest.mark.full)]
)
def test_sharded_weights_are_saved_whole(
    training_type: str, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    text = ended(
        start(
            tmp_path,
            cache,
            training_type=training_type,
            hyperparameters=FEW,
            settings={"fsdp": True},
            processes=2,
        )
    )
    assert result(tmp_path)["state"] == "completed", text
    assert "The saved output was loaded again" in text


def test_sharding_without_gpus_is_refused(tmp_path: Path, cache: Path) -> None:
    ended(start(tmp_path, cache, settings={"fsdp": True}, hyperparameters=FEW, processes=2))
    assert result(tmp_path)["fault"] == "input"
    assert "fsdp" in result(tmp_path)["reason"]


def test_stop_reaches_all(tmp_path: Path, cache: Path) -> None:
    process = start(tmp_path, cache, hyperparameters=LONG, processes=2)
    wait_for_progress(tmp_path)
    trainers = children(process)
    process.send_signal(signal.SIGTERM)
    text = ended(process)
    assert process.returncode == 2, text
    assert result(tmp_path)["state"] == "stopped"
    assert gone(trainers)


@pytest.mark.parametrize("killed", ["agent", "trainer"])
def test_no_process_outlives_a_killed_one(killed: str, tmp_path: Path, cache: Path) -> None:
    process = start(tmp_path, cache, hyperparameters=LONG, processes=2)
    wait_for_progress(tmp_path)
    trainers = children(process)
    assert len(trainers) >= 2
    os.kill(process.pid if killed == "agent" else max(trainers), signal.SIGKILL)
    ended(process)
    assert process.returncode != 0
    assert gone(trainers)
    assert list((tmp_path / "result").iterdir()) == []


def test_more_processes_than_rows(tmp_path: Path, cache: Path) -> None:
    ended(start(tmp_path, cache, hyperparameters=FEW, processes=7))
    assert result(tmp_path)["fault"] == "input"
    assert "7 processes are more than the dataset's rows, 6" in result(tmp_path)["reason"]
