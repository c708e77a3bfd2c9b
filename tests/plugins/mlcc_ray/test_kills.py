"""Processes of a job, killed at random steps: one finished job, no lost checkpoint, no orphan."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from tests.plugins.mlcc_ray.cluster import Cluster, wait_until
from tests.plugins.mlcc_ray.jobs import Job

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

KILLS = 10
WORKER, CHILD = "ray::RayTrainWorker", "mlcc_ray.cluster.child"
LONG = {"num_train_epochs": 60, "global_batch_size": 2}
STEPS = 180


def children(cluster: Cluster, job: Job) -> list[int]:
    """The processes that train a job."""
    return cluster.matching(CHILD, job.name)


def kept(job: Job, workers: int) -> int:
    """The newest step that every worker has a whole checkpoint of."""
    return min(job.checkpoint(rank) for rank in range(workers))


def whole(cluster: Cluster, shared: Path, workers: int) -> dict[int, float]:
    """The losses of the same job without a break."""
    job = Job(cluster.address, shared, f"whole-{workers}")
    job.stage(workers=workers, hyperparameters=LONG, checkpoint_every="2")
    job.submit()
    assert job.wait() == "SUCCEEDED", job.told
    assert len(job.losses) == STEPS
    return job.losses


def test_workers_killed_ten_times(cluster: Cluster, shared: Path) -> None:
    chosen = random.Random(20)
    expected = whole(cluster, shared, 2)
    job = Job(cluster.address, shared, "killed")
    job.stage(workers=2, hyperparameters=LONG, checkpoint_every="2")
    job.submit()
    done = 0
    for kill in range(KILLS):
        target = done + chosen.randint(1, 8)
        wait_until(lambda: kept(job, 2) >= target, 120, f"no checkpoint {target}: {job.told}")
        trained = children(cluster, job)
        victim = chosen.choice([*cluster.matching(WORKER), *trained])
        done = kept(job, 2)
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: not set(trained) & set(cluster.processes()), 30, "an orphan")
        assert not (job.folder / "result.json").exists(), f"it was done before kill {kill}"
        went_on = f"going on from the checkpoint at step {done}"
        print(kill, victim, target, done, went_on)
    assert job.wait() == "SUCCEEDED", job.told
    assert job.result["state"] == "completed"
    assert job.losses == expected
    assert not children(cluster, job)
    assert job.log.count("started anew") == KILLS
    assert not (job.folder / "checkpoints").exists()
