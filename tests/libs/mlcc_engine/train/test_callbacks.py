"""Call-backs of others, in a real training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.libs.mlcc_engine.trainings import FACTS, Train

pytestmark = pytest.mark.slow

PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]

MODULE = """
import json, os
from transformers import TrainerCallback

class Tracker(TrainerCallback):
    def __init__(self, job):
        self.lines = [["job", job.name, job.technique, job.platform, job.hyperparameters]]

    def on_log(self, args, state, control, logs=None, **others):
        if "loss" in logs:
            self.lines.append([state.global_step, logs["loss"]])

    def on_train_end(self, args, state, control, **others):
        with open(os.environ["TRACKED"], "w") as file:
            json.dump(self.lines, file)

class Broken(TrainerCallback):
    def on_step_end(self, *arguments, **others):
        raise LookupError("no server")

class Plugin:
    def mlcc_training_callbacks(self):
        return [Broken()]

plugin = Plugin()

def mlcc_training_callbacks(job):
    return [Tracker(job)]

def wrong():
    return ["x"]

def raises():
    raise ImportError("no tracker")
"""


@pytest.fixture
def tracked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tracker.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("TRACKED", str(tmp_path / "tracked.json"))
    return tmp_path / "tracked.json"


def test_callbacks_hear_the_training_and_failing_ones_stop_nothing(
    train: Train, tracked: Path
) -> None:
    done = train(
        PAIRS,
        hyperparameters={"num_train_epochs": 2},
        platform="here",
        callbacks=[
            "tracker:mlcc_training_callbacks",
            "tracker:plugin.mlcc_training_callbacks",
            "tracker:wrong",
            "tracker:raises",
            "nowhere:f",
        ],
    )
    assert done.outcome.state == "completed"
    first, *steps = json.loads(tracked.read_text())
    assert first == ["job", "test", "test", "here", {"num_train_epochs": 2}]
    assert [number for number, _ in steps] == [1, 2, 3, 4]
    assert [loss for _, loss in steps] == [line["loss"] for line in done.progress[1:]]
    assert (done.folder / "warnings.txt").read_text().splitlines() == [
        "tracker:wrong returned str, expected TrainerCallback objects.",
        "tracker:raises failed: ImportError: no tracker",
        "nowhere:f failed: ModuleNotFoundError: No module named 'nowhere'",
        "tracker:plugin.mlcc_training_callbacks failed in on_step_end: LookupError: no server",
    ]
