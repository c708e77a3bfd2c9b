"""Jobs of the engine on a real cluster: the same results as on this machine, whatever happens."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.libs.mlcc_engine.rl import DIGITS
from tests.plugins.mlcc_ray.cluster.jobs import Job, client, trained_here
from tests.plugins.mlcc_ray.ray_cluster import Cluster, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CHILD, DRIVER = "mlcc_ray.cluster.child", "-m mlcc_ray.cluster file:"
FEW = {"num_train_epochs": 3, "global_batch_size": 2}
LONG = {"num_train_epochs": 60, "global_batch_size": 2}
SLOWLY = "tests.libs.mlcc_engine.slowly:slowly"
STEPS = 180
"""Of these, every one is logged."""

SAMPLED = {"max_completion_length": 16, "num_train_epochs": 1, "num_generations": 4}
LEAVES = """
import os

def score(events, context):
    if os.environ["RANK"] == "1":
        os._exit(7)
    return [{"id": event["id"], "aggregate_reward_score": 0.5} for event in events]
"""
"""Ends the second of two processes, which nothing but its own code is to blame for."""


def weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    found: dict[str, Any] = load_file(folder / "adapter_model.safetensors")
    return found


def nothing_runs(cluster: Cluster, job: Job) -> bool:
    return not cluster.matching(CHILD, job.name)


def test_two_workers_learn_what_two_processes_of_one_machine_learn(
    cluster: Cluster, shared: Path, tmp_path: Path
) -> None:
    import torch

    job = Job(cluster.address, shared, "sft")
    job.stage(workers=2, hyperparameters=FEW)
    job.submit()
    assert job.wait() == "SUCCEEDED", job.told
    assert job.result["output"] == f"{shared.as_uri()}/jobs/sft/output"
    assert json.loads((job.folder / "state.json").read_text())["state"] == "saving"
    assert "step 9 of 9" in job.log
    assert "✅ completed: file://" in job.told
    assert job.losses == trained_here(job, tmp_path / "here")
    here = weights(tmp_path / "here" / "output")
    assert all(torch.equal(w, here[name]) for name, w in weights(job.folder / "output").items())
    left = {path.name for path in job.folder.iterdir()}
    assert not {"checkpoints", "attempts.json", "end"} & left
    assert nothing_runs(cluster, job)


def test_two_workers_learn_from_a_reward_function(cluster: Cluster, shared: Path) -> None:
    job = Job(cluster.address, shared, "rlvr")
    job.stage(
        workers=2,
        files={"reward.py": DIGITS},
        trainer="trl:GRPOTrainer",
        evaluator={"kind": "function", "value": "files/reward.py"},
        hyperparameters=SAMPLED,
    )
    job.submit()
    assert job.wait() == "SUCCEEDED", job.told
    rewards = [line["metrics"]["reward"] for line in job.lines if "reward" in line["metrics"]]
    assert any(reward > 0 for reward in rewards)
    assert (job.folder / "output" / "adapter_config.json").is_file()


def test_a_process_that_ends_by_itself_is_the_result_and_not_tried_again(
    cluster: Cluster, shared: Path
) -> None:
    job = Job(cluster.address, shared, "leaves")
    job.stage(
        workers=2,
        files={"reward.py": LEAVES},
        trainer="trl:GRPOTrainer",
        evaluator={"kind": "function", "value": "files/reward.py:score"},
        hyperparameters=SAMPLED,
    )
    job.submit()
    assert job.wait() == "FAILED", job.told
    assert (job.result["state"], job.result["fault"]) == ("failed", "job")
    assert "ended with exit code 7" in job.result["reason"]
    assert "started anew" not in job.log
    assert job.told.count("❌") == 1
    assert nothing_runs(cluster, job)


def test_a_job_that_its_user_stops(cluster: Cluster, shared: Path) -> None:
    job = Job(cluster.address, shared, "stopped")
    job.stage(workers=2, hyperparameters=LONG, checkpoint_every="2", callbacks=[SLOWLY])
    job.submit()
    job.wait_for_checkpoint(2)
    (job.folder / "stop").touch()
    client(job.address).stop_job(job.submission)
    job.wait(60)
    wait_until(lambda: nothing_runs(cluster, job), 20, "it trains on")
    assert job.result["state"] == "stopped"
    assert not (job.folder / "output").exists()
    assert not list(job.folder.rglob("*.partial"))


def interrupted(cluster: Cluster, job: Job, again: int, act: Callable[[], object]) -> int:
    """Submit a job, and end it in the middle; return the step of its newest checkpoint."""
    job.submit(again=again)
    job.wait_for_checkpoint(job.checkpoint() + 5)
    act()
    wait_until(lambda: nothing_runs(cluster, job), 30, "an orphan")
    assert not (job.folder / "result.json").exists()
    return job.checkpoint()


def test_a_job_goes_on_whatever_ends(cluster: Cluster, shared: Path) -> None:
    """Its driver is told to end, then killed; then all of the cluster is."""
    job = Job(cluster.address, shared, "goes-on")
    job.stage(workers=2, hyperparameters=LONG, checkpoint_every="2", callbacks=[SLOWLY])

    def tell() -> None:
        client(job.address).stop_job(job.submission)
        job.wait(60)
        assert "❌ The job was told to end" in job.told

    def kill() -> None:
        for pid in cluster.matching(DRIVER, job.name):
            os.kill(pid, signal.SIGKILL)

    steps = [interrupted(cluster, job, 0, tell)]
    assert steps[0] == job.step, "a checkpoint is saved after the step at hand"
    steps.append(interrupted(cluster, job, 1, kill))
    steps.append(interrupted(cluster, job, 2, cluster.kill))
    cluster.start()
    job.hurry()
    job.submit(again=3)
    assert job.wait() == "SUCCEEDED", job.told
    assert list(job.losses) == list(range(1, STEPS + 1))
    assert all(f"going on from the checkpoint at step {step}\n" in job.log for step in steps)
