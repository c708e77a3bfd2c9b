"""Killed callers of the engine leave no process that trains, and no worker of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlcc_engine import orphans
from tests.libs.mlcc_engine.trainings import FACTS, write_rows

pytestmark = pytest.mark.slow

TRAINER = """
import subprocess, sys
from trl import SFTConfig, SFTTrainer

class BusyConfig(SFTConfig):
    pass

class BusyTrainer(SFTTrainer):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        open("worker", "w").write(str(self.worker.pid))
"""

IN_PROCESS = """
import json, sys
from pathlib import Path
from mlcc_engine import api
api.run(json.loads(Path("request.json").read_text()), Path("."))
"""

NOTED = 8 * orphans.LOOK_SECONDS
"""Seconds until the keeper has noted a worker, on a busy machine, too."""

STARTS_ONE = """
import subprocess, sys
engine = subprocess.Popen([sys.executable, "-m", "mlcc_engine", "."])
open("engine", "w").write(str(engine.pid))
engine.wait()
"""


def write_request(folder: Path, cache: Path) -> None:
    (folder / "busy.py").write_text(TRAINER)
    pairs = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]
    request = {
        "job": "test",
        "technique": "test",
        "trainer": "busy:BusyTrainer",
        "model": "mlcc-tiny",
        "training_type": "lora",
        "dataset": write_rows(folder / "rows.jsonl", pairs),
        "output": str(folder / "output"),
        "cache": str(cache),
        "hyperparameters": {"num_train_epochs": 100_000},
    }
    (folder / "request.json").write_text(json.dumps(request))


def until(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def runs(pid: int) -> bool:
    """Return whether a process runs; one that has ended and waits for its parent does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


Caller = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def caller(tmp_path: Path, cache: Path) -> Iterator[Caller]:
    started: list[subprocess.Popen[bytes]] = []

    def start(program: str) -> subprocess.Popen[bytes]:
        write_request(tmp_path, cache)
        path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
        with (tmp_path / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", program],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": path},
                stdout=log,
                stderr=log,
            )
        started.append(process)
        steps = tmp_path / "progress.jsonl"
        begun = until(lambda: steps.is_file() and steps.read_text().count("\n") > 1, 240)
        assert begun, (tmp_path / "log.txt").read_text()
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def read_pid(path: Path) -> int:
    return int(path.read_text())


def test_killed_caller_in_whose_process_it_trains(caller: Caller, tmp_path: Path) -> None:
    process = caller(IN_PROCESS)
    worker = read_pid(tmp_path / "worker")
    assert runs(worker)
    time.sleep(NOTED)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert until(lambda: not runs(worker), 60)


def test_killed_caller_that_started_the_process(caller: Caller, tmp_path: Path) -> None:
    process = caller(STARTS_ONE)
    engine, worker = read_pid(tmp_path / "engine"), read_pid(tmp_path / "worker")
    assert runs(engine)
    assert runs(worker)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert until(lambda: not runs(engine), 60)
    assert until(lambda: not runs(worker), 60)
    assert json.loads((tmp_path / "result.json").read_text())["state"] == "stopped"
    assert not (tmp_path / "output").exists()


def test_worker_outlives_neither_a_killed_engine_nor_its_end(
    caller: Caller, tmp_path: Path
) -> None:
    caller(STARTS_ONE)
    engine, worker = read_pid(tmp_path / "engine"), read_pid(tmp_path / "worker")
    time.sleep(NOTED)
    os.kill(engine, signal.SIGKILL)
    assert until(lambda: not runs(worker), 60)


def test_process_with_a_session_of_its_own_is_left_alone() -> None:
    code = (
        "import subprocess, sys, time\n"
        "from mlcc_engine import orphans\n"
        "with orphans.ended_with_this_process():\n"
        "    sleep = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        "    other = subprocess.Popen(sleep, start_new_session=True)\n"
        "    print(other.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    path = os.pathsep.join(filter(None, sys.path))
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert process.stdout is not None
    with process.stdout:
        other = int(process.stdout.readline())
    time.sleep(NOTED)
    process.kill()
    process.wait()
    try:
        assert not until(lambda: not runs(other), 2)
    finally:
        os.kill(other, signal.SIGKILL)


def test_parent_that_died_while_python_started(tmp_path: Path, cache: Path) -> None:
    write_request(tmp_path, cache)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    engine = subprocess.run(
        [sys.executable, "-m", "mlcc_engine", "--parent", str(gone.pid), str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert engine.returncode == 2
    assert json.loads((tmp_path / "result.json").read_text())["state"] == "stopped"
