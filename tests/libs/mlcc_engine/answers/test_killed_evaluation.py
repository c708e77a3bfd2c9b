"""An evaluation that is killed goes on: no stored answer is asked again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlcc_core import Session, open_session
from mlcc_core.loader.manager import build_manager
from mlcc_core.project.new_project import create_project
from mlcc_core.project.project import Project
from tests.libs.mlcc_engine.answers.models import Made

pytestmark = pytest.mark.slow


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Made) -> Session:
    """A project with the rows that no training saw."""
    monkeypatch.chdir(tmp_path)
    plugins = build_manager()
    create_project(tmp_path, plugins, name="proj", platform="local")
    lines = "".join(json.dumps(row) + "\n" for row in made.rows)
    (tmp_path / "asked.jsonl").write_text(lines)
    return open_session(project=Project(tmp_path), plugins=plugins, platform="local")


def test_a_killed_evaluation_of_a_real_model_goes_on(session: Session, made: Made) -> None:
    words = ("evaluate", str(made.learned), "--dataset", "asked.jsonl", "--technique", "sft")
    words += ("--metric", "exact_match", "--max-new-tokens", "24", "--json")
    command = [sys.executable, "-c", "from mlcc_core.cli import main; main()", *words]
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    killed = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 240
    while not stored(session) and killed.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    before = stored(session)
    assert before
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (evaluation,) = json.loads(done.stdout)["evaluations"]
    assert len(evaluation["rows"]) == len(made.rows)
    assert evaluation["metrics"][0]["mean"] > evaluation["metrics"][0]["against"]
    after = stored(session)
    assert set(before) <= set(after)
    assert len(after) == len(set(after)) == 2 * len(made.rows)  # nothing was asked again


def stored(session: Session) -> list[str]:
    """The stored answers that are whole, each with its model's file."""
    files = (session.project.state_folder / "answers").glob("*.jsonl")
    lines = [(file.name, line) for file in files for line in file.read_text().splitlines()]
    return [f"{name} {json.loads(line)[0]}" for name, line in lines if line.endswith("]")]
