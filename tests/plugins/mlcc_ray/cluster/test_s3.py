"""A job whose storage is S3: its checkpoints are copied there, and fetched by whoever goes on."""

from __future__ import annotations

import json
import os
import signal

import pytest

from mlcc_ray.storage import Storage, open_storage
from tests.plugins.mlcc_ray.cluster.jobs import CODE, OVER, PAIRS, client
from tests.plugins.mlcc_ray.ray_cluster import Cluster, wait_until
from tests.servers.s3 import S3

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CHILD = "mlcc_ray.cluster.child"


def checkpoint(storage: Storage, rank: int) -> int:
    """The step of the newest whole checkpoint of a worker."""
    top = f"jobs/demo/checkpoints/rank-{rank}"
    steps = [name for name in storage.folders(top) if storage.is_whole(f"{top}/{name}")]
    return max((int(name.removeprefix("step-")) for name in steps), default=0)


def test_a_killed_worker_goes_on_from_a_checkpoint_in_s3(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with S3() as s3:  # a server in the cluster's network, which the other ones are not in
        try:
            for name, value in s3.environment.items():
                monkeypatch.setenv(name, value)
            s3.bucket("shared")
            trained(cluster, open_storage("s3://shared/mlcc", s3.environment), s3.environment)
        finally:
            s3.clear()


def trained(cluster: Cluster, storage: Storage, environment: dict[str, str]) -> None:
    rows = "".join(json.dumps(row) + "\n" for row in PAIRS)
    storage.write("staged/rows.jsonl", rows.encode())
    request = {
        "job": "demo",
        "technique": "sft",
        "trainer": "trl:SFTTrainer",
        "model": "mlcc-tiny",
        "training_type": "lora",
        "dataset": "s3://shared/mlcc/staged/rows.jsonl",
        "output": "output",
        "hyperparameters": {"num_train_epochs": 60, "global_batch_size": 2},
        "checkpoint_every": "5",
        "ray": {"workers": 2, "resources": {"CPU": 1}},
    }
    storage.write("jobs/demo/request.json", json.dumps(request).encode())
    asked = client(cluster.address)
    asked.submit_job(
        entrypoint="python -m mlcc_ray.cluster s3://shared/mlcc demo",
        submission_id="demo-s3",
        runtime_env={"env_vars": {"PYTHONPATH": CODE, **environment}},
    )
    wait_until(
        lambda: min(checkpoint(storage, rank) for rank in (0, 1)) >= 20, 200, "no checkpoint"
    )
    os.kill(cluster.matching(CHILD, "demo")[1], signal.SIGKILL)
    wait_until(lambda: asked.get_job_status("demo-s3").value in OVER, 200, "it does not end")
    result = json.loads(storage.read("jobs/demo/result.json"))
    assert result["state"] == "completed", asked.get_job_logs("demo-s3")
    assert result["output"] == "s3://shared/mlcc/jobs/demo/output"
    assert storage.is_whole("jobs/demo/output")
    log = storage.read("jobs/demo/log.txt").decode()
    assert "going on from the checkpoint at step " in log
    lines = storage.read("jobs/demo/progress.jsonl").decode().splitlines()
    steps = [line["step"] for line in map(json.loads, lines) if "loss" in line]
    assert steps == list(range(1, 181))
    assert not any("checkpoints" in name for name in storage.names("jobs/demo"))
