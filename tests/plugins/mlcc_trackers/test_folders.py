"""Trackers that write to a folder: what they wrote is read back with their own packages."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlcc_trackers
from mlcc_core import Context
from mlcc_core.actions.tune.job.status import job_rows
from tests.mlcc_core.world import World
from tests.plugins.mlcc_trackers.conftest import STEPS, new_process, tracked
from tests.plugins.mlcc_trackers.evaluations import evaluation

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


def test_wandb_offline(world: World, monkeypatch):
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    job = world.tune(values={"epochs": 3, "tracker": "wandb"}).job
    options = {"tracker": "wandb"}
    mlcc_trackers.mlcc_run_evaluated(evaluation(job), Context(world.root, "proj", options=options))
    assert tracked(world) == ["ℹ️  Tracked by Weights & Biases, project proj"]
    written = sorted((world.root / ".mlcc" / "wandb").glob(f"offline-run-*/run-{job}.wandb"))
    told = b"".join(path.read_bytes() for path in written)
    for name in (b"held_out_loss", b"origin/epochs", b"eval/exact/difference"):
        assert name in told
    assert b"private" not in told
