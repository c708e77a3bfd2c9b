"""The process that trains: what it leaves behind, however it ends."""

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

from tests.libs.mlcc_engine.rl import DIGITS
from tests.libs.mlcc_engine.trainings import FACTS, write_rows

pytestmark = pytest.mark.slow

PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]


def start(folder: Path, cache: Path, **request: Any) -> subprocess.Popen[str]:
    body = {
        "job": "test",
        "technique": "test",
        "trainer": "trl:SFTTrainer",
        "model": "mlcc-tiny",
        "training_type": "lora",
        "dataset": write_rows(folder / "rows.jsonl", PAIRS),
        "output": str(folder / "result" / "output"),
        "cache": str(cache),
        **request,
    }
    (folder / "request.json").write_text(json.dumps(body))
    return subprocess.Popen(
        [sys.executable, "-m", "mlcc_engine", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def result(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return document


def test_completed(tmp_path: Path, cache: Path) -> None:
    process = start(tmp_path, cache, hyperparameters={"num_train_epochs": 1})
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert result(tmp_path)["state"] == "completed"
    assert result(tmp_path)["kind"] == "adapter"
    assert "step 2 of 2 · epoch 1.00 of 1 · loss" in text
    assert text.splitlines()[0] == "trl:SFTTrainer on mlcc-tiny, LoRA, rank 16, alpha 32"
    assert all("Warning" not in line for line in text.splitlines())


def test_stopped(tmp_path: Path, cache: Path) -> None:
    process = start(tmp_path, cache, hyperparameters={"num_train_epochs": 100_000})
    deadline = time.monotonic() + 240
    while not (tmp_path / "progress.jsonl").is_file() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 2
    assert result(tmp_path)["state"] == "stopped"
    assert result(tmp_path)["reason"] == "Stopped before it was finished."
    assert {path.name for path in tmp_path.iterdir()} == {
        "rows.jsonl",
        "request.json",
        "progress.jsonl",
        "result.json",
        "result",
    }
    assert list((tmp_path / "result").iterdir()) == []


@pytest.mark.parametrize(
    ("change", "fault", "reason"),
    [
        ({"dataset": "/nowhere/rows.jsonl"}, "input", "rows.jsonl"),
        ({"nonsense": 1}, "platform", "not a training request"),
    ],
)
def test_failed(
    change: dict[str, Any], fault: str, reason: str, tmp_path: Path, cache: Path
) -> None:
    process = start(tmp_path, cache, **change)
    text, _ = process.communicate(timeout=120)
    ended = result(tmp_path)
    assert ended["state"] == "failed"
    assert ended["fault"] == fault
    assert reason in ended["reason"]
    assert "\n" not in ended["reason"]
    assert process.returncode == {"input": 1, "platform": 3}[fault]
    assert "Traceback" not in text


def test_full_disk_leaves_nothing(tmp_path: Path, cache: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))"
    (tmp_path / "sitecustomize.py").write_text(limit)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        process = start(tmp_path, cache, hyperparameters={"num_train_epochs": 1})
    process.communicate(timeout=120)
    ended = result(tmp_path)
    assert ended["fault"] == "platform"
    assert ended["reason"].endswith("the disk is full.")
    assert list((tmp_path / "result").iterdir()) == []


def test_failing_function_in_the_middle(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "f.py").write_text(DIGITS.replace("scores = []", "raise SystemExit('enough')"))
    process = start(
        tmp_path,
        cache,
        trainer="trl:GRPOTrainer",
        evaluator={"kind": "function", "value": str(tmp_path / "f.py")},
        hyperparameters={"max_completion_length": 4},
    )
    process.communicate(timeout=120)
    assert result(tmp_path)["fault"] == "job"
    assert "raised SystemExit: enough" in result(tmp_path)["reason"]
    assert list((tmp_path / "result").iterdir()) == []


IMPORT = """
import importlib.util, sys
from mlcc_engine import process
with process.quick_imports():
    from trl import SFTTrainer
print([name for name in process.REPORTED_TO if name in sys.modules])
print(importlib.util.find_spec("mlflow") is not None)
"""


def test_what_nothing_is_reported_to_is_not_imported() -> None:
    """It takes a second; afterwards a reward function can import it."""
    pytest.importorskip("mlflow")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IMPORT],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["[]", "True"]


@pytest.mark.parametrize("forgets", [True, False])
def test_what_a_training_that_goes_on_needs_stays_for_a_caller_that_keeps_it(
    forgets: bool, tmp_path: Path, cache: Path
) -> None:
    start(tmp_path, cache, trainer="no_such_package:Trainer").communicate(timeout=120)
    assert result(tmp_path)["fault"] == "input"
    kept = tmp_path / "checkpoints" / "step-1"
    kept.mkdir(parents=True)
    program = (
        "import sys; from pathlib import Path; from mlcc_engine.__main__ import Keeping, main\n"
        f"sys.exit(main(Path(sys.argv[1]), None, Keeping(forgets={forgets})))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        timeout=120,
    )
    assert ended.returncode == 1
    assert kept.exists() is not forgets
