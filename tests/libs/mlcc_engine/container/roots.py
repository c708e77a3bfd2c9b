"""Folders that are laid out as ``/opt/ml`` is in a training container, and processes in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlcc_engine.request import Request, parse
from tests.libs.mlcc_engine.test_process import PAIRS
from tests.libs.mlcc_engine.trainings import write_rows


def asked(**changes: Any) -> Request:
    """A training of the tiny model: 12 epochs of 6 rows, 2 a step; paths as a platform has them."""
    return parse(
        {
            "job": "",
            "technique": "sft",
            "trainer": "trl:SFTTrainer",
            "model": "mlcc-tiny",
            "training_type": "lora",
            "dataset": "/elsewhere/train.jsonl",
            "output": "",
            "hyperparameters": {"num_train_epochs": 4, "global_batch_size": 2},
            **changes,
        }
    )


def lay_out(
    root: Path,
    hyperparameters: Mapping[str, str],
    rows: Iterable[Mapping[str, Any]] = PAIRS,
    *,
    files: Mapping[str, str] | None = None,
    hosts: Sequence[str] = ("algo-1",),
    current: int = 0,
) -> Path:
    """Make the folders and files that a container begins with; return its root."""
    for name in ("input/config", "input/data/code/files", "input/data/train", "output/data"):
        (root / name).mkdir(parents=True)
    for name in ("model", "checkpoints", "tmp"):
        (root / name).mkdir()
    config = root / "input/config"
    (config / "hyperparameters.json").write_text(json.dumps(dict(hyperparameters)))
    (config / "resourceconfig.json").write_text(
        json.dumps(
            {
                "current_host": hosts[current],
                "current_instance_type": "ml.m5.large",
                "hosts": list(hosts),
                "network_interface_name": "lo",
            }
        )
    )
    (config / "inputdataconfig.json").write_text(
        json.dumps({"train": {"TrainingInputMode": "File"}, "code": {"TrainingInputMode": "File"}})
    )
    write_rows(root / "input/data/train/rows.jsonl", rows)
    for name, text in (files or {}).items():
        (root / "input/data/code/files" / name).write_text(text)
    return root


def environment(root: Path, cache: Path) -> dict[str, str]:
    """The variables of a container's process."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "MLCC_CACHE": str(cache),
        "TMPDIR": str(root / "tmp"),
        "TRAINING_JOB_NAME": "tune-1",
        "OMP_NUM_THREADS": "1",
    }


def start(root: Path, cache: Path, **variables: str) -> subprocess.Popen[str]:
    """Start what the entry point becomes once all is installed; its lines go to ``log.txt``."""
    with (root / "log.txt").open("a") as log:
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "mlcc_engine.container", str(root)],
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(root, cache) | variables,
        )


def run(root: Path, cache: Path, **variables: str) -> str:
    """Run a container to its end; return what it said."""
    start(root, cache, **variables).wait(timeout=280)
    return said(root)


def said(root: Path) -> str:
    return (root / "log.txt").read_text()


def marked(root: Path, mark: str) -> list[dict[str, Any]]:
    """The documents of the lines with a mark."""
    lines = said(root).splitlines()
    return [json.loads(line.removeprefix(mark)) for line in lines if line.startswith(mark)]


def last_step(root: Path) -> int:
    """The last step that was told of."""
    from mlcc_engine.container.layout import PROGRESS

    return max((line["step"] for line in marked(root, PROGRESS)), default=0)


def wait_for(reached: Any, seconds: float = 200) -> None:
    deadline = time.monotonic() + seconds
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert reached()


def failure(root: Path) -> str:
    return (root / "output/failure").read_text()
