"""Processes of a job, killed at random steps: one finished job, no lost checkpoint, no orphan."""

from __future__ import annotations

import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.example_count import examples
from tests.plugins.mlcc_ray.cluster.jobs import Job, trained_here
from tests.plugins.mlcc_ray.ray_cluster import Cluster, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

KILLS, WORKERS = examples(10), 2
WORKER, CHILD = "ray::RayTrainWorker", "mlcc_ray.cluster.child"
LONG = {"num_train_epochs": 60, "global_batch_size": 2}
STEPS = 180


def children(cluster: Cluster, job: Job) -> list[int]:
    """The processes that train a job."""
    return cluster.matching(CHILD, job.name)


def kept(job: Job) -> int:
    """The newest step that every worker has a whole checkpoint of."""
    return min(job.checkpoint(rank) for rank in range(WORKERS))


def kill_one(cluster: Cluster, job: Job, after: int, chosen: random.Random) -> int:
    """Kill one process of a job once a checkpoint is there; return the newest one's step."""
    wait_until(lambda: kept(job) >= after, 120, f"no checkpoint {after}")
    trained = children(cluster, job)
    victim = chosen.choice([*cluster.matching(WORKER), *trained])
    step = kept(job)
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: not set(trained) & set(cluster.processes()), 30, "an orphan")
    assert not (job.folder / "result.json").exists()
    return step


def test_workers_killed_at_random_steps(cluster: Cluster, shared: Path, tmp_path: Path) -> None:
    chosen = random.Random(20)
    job = Job(cluster.address, shared, "killed")
    job.stage(workers=WORKERS, hyperparameters=LONG, checkpoint_every="2")
    job.submit()
    with ThreadPoolExecutor(1) as beside:
        whole = beside.submit(trained_here, job, tmp_path / "whole")
        step = 0
        for _ in range(KILLS):
            step = kill_one(cluster, job, step + chosen.randint(1, 8), chosen)
        assert job.wait() == "SUCCEEDED", job.told
    assert job.result["state"] == "completed"
    assert job.log.count("started anew") == KILLS
    assert len((job.folder / "warnings.txt").read_text().splitlines()) == KILLS
    assert job.losses == whole.result()
    assert len(job.losses) == STEPS
    assert not children(cluster, job)
    assert not (job.folder / "checkpoints").exists()
