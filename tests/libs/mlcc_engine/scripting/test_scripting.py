"""``python -m mlcc_engine.scripting``, run as programs run it: a process, a folder, signals."""

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

from mlcc_core import PlatformError
from mlcc_engine.container.layout import PROGRESS
from mlcc_engine.scripting import request as requests
from mlcc_engine.scripting.surroundings import environment

SECONDS = 100.0


class ScriptJob:
    """A job folder with a script in it."""

    def __init__(self, folder: Path, source: str, **fields: Any) -> None:
        self.folder = folder / "job"
        self.folder.mkdir()
        script = folder / "train.py"
        script.write_text(source)
        self.model = self.folder / "model"
        self.body: dict[str, Any] = {
            "job": "demo-script-1",
            "script": str(script),
            "folder": str(folder),
            "launcher": [sys.executable],
            "model_dir": str(self.model),
            "output_data_dir": str(self.folder / "data"),
            **fields,
        }
        (self.folder / requests.FILE).write_text(json.dumps(self.body))

    def start(self, *flags: str) -> subprocess.Popen[str]:
        """Start the program."""
        return subprocess.Popen(
            [sys.executable, "-m", "mlcc_engine.scripting", *flags, str(self.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *flags: str) -> tuple[int, str]:
        """Run the program to its end; return its exit code and what it printed."""
        with self.start(*flags) as process:
            said, _ = process.communicate(timeout=SECONDS)
        return process.returncode, said

    def result(self) -> dict[str, Any]:
        """Return how the job says it ended."""
        found: dict[str, Any] = json.loads((self.folder / "result.json").read_text())
        return found


def until(path: Path) -> str:
    """Wait for a file with a line in it; return its text."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if path.exists() and path.read_text().endswith("\n"):
            return path.read_text()
        time.sleep(0.02)
    raise AssertionError(f"{path} did not appear")


def lives(process: int) -> bool:
    """Return whether a process runs; one that nobody has waited for does not."""
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def test_a_script_finds_its_surroundings_and_leaves_its_model(tmp_path: Path) -> None:
    source = """
import json, os, sys, pathlib
import beside
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.json").write_text(json.dumps(
    {"words": sys.argv[1:], "hps": json.loads(os.environ["SM_HPS"]), "beside": beside.NAME,
     "train": os.environ["SM_CHANNEL_TRAIN"], "channels": json.loads(os.environ["SM_CHANNELS"]),
     "rate": os.environ["SM_HP_LEARNING_RATE"], "cwd": os.getcwd()}))
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "plot.svg").write_text("<svg/>")
print("trained")
"""
    (tmp_path / "beside.py").write_text("NAME = 'beside'")
    output = tmp_path / "outputs" / "demo-script-1"
    job = ScriptJob(
        tmp_path,
        source,
        hyperparameters={"learning-rate": "1e-4", "name": "a b", "shuffle": "true"},
        inputs={"train": "/data/train"},
        output=str(output),
    )
    code, said = job.run()
    assert (code, said.splitlines()) == (0, ["trained", f"completed: {output}"])
    assert json.loads((output / "model.json").read_text()) == {
        "words": ["--learning-rate", "1e-4", "--name", "a b", "--shuffle", "true"],
        "hps": {"learning-rate": 1e-4, "name": "a b", "shuffle": True},
        "beside": "beside",
        "train": "/data/train",
        "channels": ["train"],
        "rate": "1e-4",
        "cwd": str(tmp_path),
    }
    assert job.result() == {
        "state": "completed",
        "output": str(output),
        "details": {"further output": str(job.folder / "data")},
    }
    assert not job.model.exists()


def test_lines_of_progress_are_kept_and_passed_on(tmp_path: Path) -> None:
    line = PROGRESS + '{"step": 1, "steps": 2, "loss": 0.5}'
    job = ScriptJob(tmp_path, f"print({line!r})\nprint({PROGRESS!r} + 'no JSON')")
    code, said = job.run()
    assert code == 0
    assert said.splitlines()[:2] == [line, PROGRESS + "no JSON"]
    (kept,) = map(json.loads, (job.folder / "progress.jsonl").read_text().splitlines())
    assert abs(kept.pop("time") - time.time()) < SECONDS
    assert kept == {"step": 1, "steps": 2, "loss": 0.5}
    assert job.result()["warnings"] == ["The script left nothing in SM_MODEL_DIR."]


def test_a_script_that_fails_gives_its_last_line_and_leaves_no_output(tmp_path: Path) -> None:
    source = """
import os, pathlib
pathlib.Path(os.environ["SM_MODEL_DIR"], "half").touch()
raise ValueError("no such column: text")
"""
    job = ScriptJob(tmp_path, source, output=str(tmp_path / "kept"))
    code, _ = job.run()
    assert code == 2
    assert job.result() == {
        "state": "failed",
        "fault": "job",
        "reason": "The script ended with exit code 1: ValueError: no such column: text",
    }
    assert not (tmp_path / "kept").exists()


def test_a_script_that_is_killed_is_interrupted_not_to_blame(tmp_path: Path) -> None:
    job = ScriptJob(tmp_path, "import os; os.kill(os.getpid(), 9)")
    assert job.run()[0] == 3
    assert job.result()["fault"] == "platform"


def test_a_script_that_crashes_names_the_signal(tmp_path: Path) -> None:
    job = ScriptJob(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGABRT)")
    assert job.run()[0] == 2
    assert job.result()["reason"] == "The script was ended by SIGABRT and printed nothing."


WAITS = """
import os, pathlib, signal, sys, time
def stop(*_):
    pathlib.Path(os.environ["SM_CHECKPOINT_DIR"], "told").touch()
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "begun").write_text(f"{os.getpid()}\\n")
time.sleep(600)
"""


@pytest.mark.parametrize(
    ("flags", "by_user", "state", "fault"),
    [
        ((), False, "stopped", None),
        (("--detached",), True, "stopped", None),
        (("--detached",), False, "failed", "platform"),
    ],
)
def test_sigterm_reaches_the_script(
    tmp_path: Path, flags: tuple[str, ...], by_user: bool, state: str, fault: str | None
) -> None:
    kept = tmp_path / "kept"
    job = ScriptJob(tmp_path, WAITS, checkpoint_dir=str(kept), output=str(tmp_path / "out"))
    with job.start(*flags) as process:
        until(job.folder / "data" / "begun")
        if by_user:
            (job.folder / "stop").touch()
        process.terminate()
        process.communicate(timeout=SECONDS)
    assert (job.result()["state"], job.result().get("fault")) == (state, fault)
    assert (kept / "told").exists()
    assert not (tmp_path / "out").exists()


def test_a_script_that_does_not_listen_is_killed_after_its_grace(tmp_path: Path) -> None:
    source = WAITS.replace("sys.exit(0)", "time.sleep(600)")
    job = ScriptJob(tmp_path, source, checkpoint_dir=str(tmp_path / "kept"), grace=0.3)
    with job.start() as process:
        begun = int(until(job.folder / "data" / "begun"))
        process.terminate()
        process.communicate(timeout=SECONDS)
    assert job.result()["state"] == "stopped"
    with pytest.raises(ProcessLookupError):
        os.kill(begun, 0)


def test_a_script_ends_with_the_program_that_is_killed(tmp_path: Path) -> None:
    job = ScriptJob(tmp_path, WAITS, checkpoint_dir=str(tmp_path / "kept"))
    with job.start("--detached") as process:
        begun = int(until(job.folder / "data" / "begun"))
        time.sleep(2)  # the keeper notes children every quarter of a second
        process.send_signal(signal.SIGKILL)
        process.wait(SECONDS)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and lives(begun):
        time.sleep(0.05)
    assert not lives(begun)


def test_a_request_that_is_damaged_is_refused_in_one_line(tmp_path: Path) -> None:
    job = ScriptJob(tmp_path, "", num_gpus="many")
    code, said = job.run()
    assert code == 3
    assert said.count("\n") == 1
    assert "num_gpus" in said


def test_a_missing_request_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match="Cannot read"):
        requests.read(tmp_path)


def test_packages_come_before_all_else_and_hosts_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/own")
    fields = {"packages": "/job/packages", "hosts": ["b", "a"], "current_host": "b"}
    job = ScriptJob(tmp_path, "", **fields)
    found = environment(requests.read(job.folder))
    assert found["PYTHONPATH"].split(":") == ["/job/packages", str(tmp_path), "/own"]
    assert found["SM_HOSTS"] == '["a", "b"]'
    assert (found["SM_CURRENT_HOST_RANK"], found["SM_MASTER_ADDR"]) == ("1", "a")
    assert found["TRAINING_JOB_NAME"] == "demo-script-1"
