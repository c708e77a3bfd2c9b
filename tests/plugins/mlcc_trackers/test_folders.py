"""Trackers that write to a folder: what they wrote is read back with their own packages."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

import mlcc_trackers
from mlcc_core import Context
from mlcc_core.actions.tune.job.status import job_rows
from tests.mlcc_core.world import World
from tests.plugins.mlcc_trackers.conftest import STEPS, new_process, tracked
from tests.plugins.mlcc_trackers.evaluations import evaluation

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.filterwarnings("ignore")


def test_tensorboard(world: World):
    pytest.importorskip("tensorboard")
    job = world.tune(values={"epochs": 3, "tracker": "tensorboard"}, wait=False).job
    mlcc_trackers._listeners[0]._close_all()  # the end of the process
    for _ in range(3):
        new_process()
        job_rows(world.session())  # the name of the tracker is remembered with the run
        mlcc_trackers._listeners[0]._close_all()
    options = {"tracker": "tensorboard"}
    mlcc_trackers.mlcc_run_evaluated(evaluation(job), Context(world.root, "proj", options=options))
    assert tracked(world) == ["ℹ️  Tracked by TensorBoard (tensorboard --logdir .mlcc/tensorboard)"]
    scalars, texts = read_back(world.root / ".mlcc" / "tensorboard" / job)
    for step in range(1, STEPS + 1):
        assert scalars["loss"][step] == pytest.approx(1 / step)
        assert scalars["held_out_loss"][step] == pytest.approx(2 / step)
    assert scalars["eval/exact/difference"][0] == 0.5
    assert "epochs: 3" in texts["settings"]
    assert "status: completed" in texts["status"]
    assert "mlcc.verdict: better" in texts["evaluation"]


PROGRAM = """
import sys
from pathlib import Path
import mlcc_trackers
from tests.mlcc_core.world import make_world
from tests.plugins.mlcc_trackers.conftest import Logging
from mlcc_core.cli import main as cli
import mlcc_core.cli.main as _

def command():
    world = make_world(Path(sys.argv[1]))
    world.platform, world.events = Logging(), mlcc_trackers
    print(world.tune(values={"epochs": 3, "tracker": "tensorboard"}, wait=False).job)
    return 0

sys.modules["mlcc_core.cli.main"].run = command
cli()
"""


@pytest.mark.slow
def test_a_command_that_does_not_watch_sends_all_before_it_ends(tmp_path: Path):
    """Once the interpreter shuts down, no package can be imported any more."""
    pytest.importorskip("tensorboard")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    scalars, _ = read_back(tmp_path / ".mlcc" / "tensorboard" / done.stdout.strip())
    assert sorted(scalars["loss"]) == [1, 2]


def read_back(folder: Path) -> tuple[dict[str, dict[int, float]], dict[str, str]]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder))
    events.Reload()
    tags = events.Tags()
    scalars = {
        tag: {each.step: each.value for each in events.Scalars(tag)} for tag in tags["scalars"]
    }
    texts = {
        tag.partition("/")[0]: events.Tensors(tag)[0].tensor_proto.string_val[0].decode()
        for tag in tags["tensors"]
    }
    return scalars, texts


@pytest.mark.slow
def test_wandb_offline(world: World, monkeypatch):
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    job = world.tune(values={"epochs": 3, "tracker": "wandb"}).job
    options = {"tracker": "wandb"}
    mlcc_trackers.mlcc_run_evaluated(evaluation(job), Context(world.root, "proj", options=options))
    assert tracked(world) == ["ℹ️  Tracked by Weights & Biases, project proj"]
    names = {b"held_out_loss", b"origin/epochs", b"eval/exact/difference"}
    end = time.monotonic() + 30  # a process of its own writes them
    while time.monotonic() < end and not all(name in _told(world.root) for name in names):
        time.sleep(0.1)
    assert {name for name in names if name not in _told(world.root)} == set()
    assert b"private" not in _told(world.root)
    assert job.encode() in _told(world.root)


def _told(root: Path) -> bytes:
    written = sorted((root / ".mlcc" / "wandb").glob("offline-run-*/*.wandb"))
    return b"".join(path.read_bytes() for path in written)
