"""Real trainings in folders laid out as a container's, on one host and on two, cut off and not."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlcc_engine import orphans
from mlcc_engine.container.hyperparameters import as_hyperparameters
from mlcc_engine.container.layout import PROGRESS, RESULT, STATE, WARNING
from tests.libs.mlcc_engine.container import roots
from tests.libs.mlcc_engine.container.roots import asked, lay_out, marked, said
from tests.libs.mlcc_engine.rl import DIGITS
from tests.libs.mlcc_engine.trainings import FACTS

pytestmark = pytest.mark.slow

HOSTS = ("127.19.7.1", "127.19.7.2")
"""Loopback addresses, each of them a host."""


MANY = {"num_train_epochs": 10_000, "global_batch_size": 2}


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder of another file system, where this machine has one, as a container's mounts are."""
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() and os.access(memory, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(dir=place) as folder:
        yield Path(folder)


def kill(process_id: int) -> None:
    """Take a container away, as a host that fails does."""
    for pid in (process_id, *orphans.descendants(process_id)):
        os.kill(pid, signal.SIGKILL)


def sampled() -> dict[str, str]:
    """RLVR of 12 steps, with the reward function in ``files/``."""
    return as_hyperparameters(
        asked(
            technique="rlvr",
            trainer="trl:GRPOTrainer",
            evaluator={"kind": "function", "value": "/home/me/digits.py:lambda_handler"},
            settings={"num_generations": 4},
            hyperparameters={
                "num_train_epochs": 4,
                "global_batch_size": 2,
                "max_completion_length": 8,
            },
            checkpoint_every="1h",
        )
    )


def test_rlvr_is_told_to_end_and_goes_on_in_another_container(
    tmp_path: Path, cache: Path, other_disk: Path
) -> None:
    rows = [{"prompt": prompt} for prompt in FACTS]
    files = {"digits.py": DIGITS}
    first = lay_out(tmp_path / "first", sampled(), rows, files=files)
    (first / "checkpoints").rmdir()
    (first / "checkpoints").symlink_to(other_disk)
    process = roots.start(first, cache)
    roots.wait_for(lambda: roots.last_step(first) >= 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=200) == 3, said(first)
    (ended,) = marked(first, RESULT)
    assert (ended["state"], ended["fault"]) == ("failed", "platform")
    assert roots.failure(first) == f"{ended['reason']} Hint: {ended['hint']}"
    (kept,) = (other_disk / "rank-0").iterdir()
    assert [path.name for path in other_disk.iterdir()] == ["rank-0"]
    step = int(kept.name.removeprefix("step-"))
    assert step == roots.last_step(first)

    second = lay_out(tmp_path / "second", sampled(), rows, files=files)
    shutil.copytree(other_disk, second / "checkpoints", dirs_exist_ok=True)
    half = second / "checkpoints" / "rank-0" / f"step-{step + 3}"
    shutil.copytree(kept, half)
    (half / "manifest.json").unlink()
    text = roots.run(second, cache)
    (ended,) = marked(second, RESULT)
    assert ended["state"] == "completed", text
    assert f"going on from the checkpoint at step {step}" in text
    assert marked(second, WARNING)[0] == {
        "warning": f"The checkpoint at step {step + 3} is passed over: it is not whole."
    }
    steps = [line["step"] for line in marked(second, PROGRESS) if line["metrics"]]
    assert steps == list(range(step + 1, 13))
    assert [line["state"] for line in marked(second, STATE)] == ["loading", "training", "saving"]
    output = second / "model" / ended["output"]
    assert ended["output"] == "checkpoints/hf"
    assert (output / "adapter_model.safetensors").is_file()
    assert json.loads((second / "model/mlcc/result.json").read_text()) == ended
    assert json.loads((output / "mlcc_lineage.json").read_text())["job"] == "tune-1"
    assert list((second / "tmp").glob("mlcc-*")) == []
    assert not (second / "output/failure").exists()


@pytest.mark.full
def test_two_hosts_are_killed_and_go_on(tmp_path: Path, cache: Path) -> None:
    values = as_hyperparameters(asked(checkpoint_every="4"))
    cut = [
        lay_out(tmp_path / f"cut-{number}", values, hosts=HOSTS, current=number)
        for number in (0, 1)
    ]
    running = [roots.start(root, cache) for root in cut]
    try:
        kept = [cut[number] / f"checkpoints/rank-{number}/step-4" for number in (0, 1)]
        roots.wait_for(lambda: all((step / "manifest.json").is_file() for step in kept))
    finally:
        for process in running:
            kill(process.pid)
            process.wait()
    assert {path.name for path in (cut[1] / "checkpoints").iterdir()} == {"rank-1"}

    again = [
        lay_out(tmp_path / f"again-{number}", values, hosts=HOSTS, current=number)
        for number in (0, 1)
    ]
    for root in again:
        for before in cut:
            shutil.copytree(before / "checkpoints", root / "checkpoints", dirs_exist_ok=True)
    running = [roots.start(root, cache) for root in again]
    codes = [process.wait(timeout=250) for process in running]
    leader, other = again
    assert codes == [0, 0], said(leader) + said(other)
    (ended,) = marked(leader, RESULT)
    assert ended["state"] == "completed"
    assert "going on from the checkpoint at step" in said(leader)
    assert roots.last_step(leader) == 12
    assert (leader / "model/checkpoints/hf/adapter_config.json").is_file()
    assert not any(line.startswith("mlcc-") for line in said(other).splitlines())
    assert not [path for path in (other / "model").rglob("*") if path.is_file()]


@pytest.mark.full
def test_processes_of_one_host_are_told_to_end(tmp_path: Path, cache: Path) -> None:
    values = as_hyperparameters(asked(checkpoint_every="1h", hyperparameters=MANY))
    first = lay_out(tmp_path / "first", values)
    process = roots.start(first, cache, MLCC_PROCESSES="2")
    roots.wait_for(lambda: roots.last_step(first) >= 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=200) == 3, said(first)
    kept = [list((first / "checkpoints" / f"rank-{rank}").iterdir()) for rank in (0, 1)]
    assert kept[0][0].name == kept[1][0].name
    assert [(step / "manifest.json").is_file() for (step,) in kept] == [True, True]


@pytest.mark.full
def test_the_cause_of_one_host_is_the_job_s(tmp_path: Path, cache: Path) -> None:
    """The second host's reward function fails; the first one says so, not that it lost a host."""
    values = as_hyperparameters(
        asked(
            trainer="trl:GRPOTrainer",
            evaluator={"kind": "function", "value": "f.py"},
            settings={"num_generations": 4},
            hyperparameters={"max_completion_length": 4, "global_batch_size": 2},
        )
    )
    rows = [{"prompt": prompt} for prompt in FACTS]
    failing = DIGITS.replace("scores = []", "raise SystemExit('enough')")
    pair = [
        lay_out(
            tmp_path / str(number),
            values,
            rows,
            files={"f.py": text},
            hosts=("127.19.8.1", "127.19.8.2"),
            current=number,
        )
        for number, text in enumerate((DIGITS, failing))
    ]
    running = [roots.start(root, cache) for root in pair]
    codes = [process.wait(timeout=250) for process in running]
    assert codes == [2, 2], said(pair[0]) + said(pair[1])
    (ended,) = marked(pair[0], RESULT)
    assert ended["fault"] == "job"
    assert "raised SystemExit: enough" in ended["reason"]
    assert "raised SystemExit: enough" in roots.failure(pair[1])
