"""From data to an answer, by the commands that a user types, on a real cluster."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.mlcc_ray.ray_cluster import Cluster, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[3]
DATASETS = ROOT / "examples" / "datasets"
QUESTION = "What is the capital of France?"

REWARD = """
import json


def score(event, context):
    scores = [
        {"id": row["id"], "aggregate_reward_score": float(len(row["messages"][-1]["content"]) % 3)}
        for row in event
    ]
    return {"statusCode": 200, "body": json.dumps(scores)}
"""


class Terminal:
    """A user's terminal in a project, whose commands run in the cluster's network."""

    def __init__(self, cluster: Cluster, home: Path, shared: Path, site: Path) -> None:
        home.mkdir()
        self.here = home
        self._started: list[subprocess.Popen[str]] = []
        sources = [site, ROOT, ROOT / "libs", ROOT / "plugins"]
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "PYTHONPATH": os.pathsep.join(map(str, sources)),
            "HOME": str(home),
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
            "RAY_ADDRESS": cluster.address,
            "RAY_STORAGE": shared.as_uri(),
        }

    def start(self, *words: str, errors: int = subprocess.STDOUT) -> subprocess.Popen[str]:
        """Start a command of mlcc's; notes and errors go where its results go."""
        process = subprocess.Popen(
            ["mlcc", *words],
            cwd=self.here,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        self._started.append(process)
        return process

    def document(self, *words: str) -> Any:
        """Run a command to its end, and return its document."""
        process = self.start(*words, "--json", errors=subprocess.DEVNULL)
        said, _ = process.communicate(timeout=600)
        assert process.returncode == 0, said
        return json.loads(said)

    def close(self) -> None:
        """End what still runs."""
        for process in self._started:
            process.kill()
            process.communicate()

    def run(self, *words: str, code: int = 0) -> str:
        """Run a command to its end, and return what it printed."""
        process = self.start(*words)
        said, _ = process.communicate(timeout=600)
        assert process.returncode == code, said
        return said


@pytest.fixture
def terminal(cluster, tmp_path, shared):
    site = tmp_path / "site"
    if not any(point.name == "ray" for point in entry_points(group="mlcc")):
        info = site / "mlcc_ray_here-0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mlcc-ray-here\nVersion: 0\n")
        (info / "entry_points.txt").write_text("[mlcc]\nray = mlcc_ray:plugin\n")
    terminal = Terminal(cluster, tmp_path / "home", shared, site)
    terminal.run("init", "my-project", "--platform", "ray")
    terminal.here /= "my-project"
    shutil.copy(DATASETS / "sft.jsonl", terminal.here / "train.jsonl")
    yield terminal
    terminal.close()


def test_a_job_whose_cluster_dies_goes_on_by_the_same_command(terminal, cluster, shared):
    tune = ("tune", "train.jsonl", "--technique", "sft", "--epochs", "60")
    tune += ("--checkpoint-every", "20")
    watching = terminal.start(*tune)
    saved = "jobs/*/checkpoints/rank-0/step-*/manifest.json"
    wait_until(lambda: list(shared.glob(saved)), 300, "no checkpoint")
    cluster.kill()
    watching.terminate()
    said, _ = watching.communicate(timeout=60)
    assert "Traceback" not in said
    cut_off = terminal.run(*tune, code=3)
    assert "❌" in cut_off
    assert "does not answer" in cut_off
    cluster.start()
    said = terminal.run(*tune)
    assert "was interrupted" in said
    assert "goes on from step" in said
    assert "completed: LoRA adapter at " in said
    assert terminal.run("adapter", "add", "tuned", "--from-tune", "sft")
    asked = terminal.document("test", QUESTION, "--adapter", "tuned")
    assert "Paris" in json.dumps(asked)
    runs = terminal.document("runs", "list")["runs"]
    assert [run["status"] for run in runs] == ["completed"]
    job = runs[0]["job"]
    assert [path.name for path in (shared / "jobs").iterdir()] == [job]
    assert f"{job}-c2" in (shared / "jobs" / job / "submissions.json").read_text()
    again = terminal.run(*tune)
    assert f"✅ {job} completed" in again
    assert "Submitted" not in again
    kept = terminal.run("runs", "remove", job, "--yes", code=1)
    assert f"The output of {job} is deployed: adapter tuned." in kept


def test_a_reward_function_goes_along_with_the_output_of_an_earlier_run(terminal, shared):
    rows = (DATASETS / "rlvr.jsonl").read_text().splitlines()[:4]
    (terminal.here / "prompts.jsonl").write_text("\n".join(rows) + "\n")
    (terminal.here / "reward.py").write_text("from helping import score\n")
    (terminal.here / "helping.py").write_text(REWARD)
    terminal.run("tune", "train.jsonl", "--technique", "sft", "--epochs", "1")
    said = terminal.run(
        *("tune", "prompts.jsonl", "--technique", "rlvr", "--reward-function", "reward.py:score"),
        *("--from-tune", "sft", "--epochs", "1", "--max-response-length", "8"),
    )
    assert "completed: LoRA adapter at " in said
    job = terminal.document("runs", "list")["runs"][0]["job"]
    terminal.run("runs", "remove", job, "--yes")
    left = [path.name for path in (shared / "jobs").iterdir()]
    assert job not in left
