"""The tiny model trained on instances that are taken back, by the engine, in its container."""

from __future__ import annotations

import json
import threading
import time

import pytest

from tests.plugins.mlcc_sagemaker.conftest import BUCKET
from tests.plugins.mlcc_sagemaker.instances.job.conftest import TUNE

pytest.importorskip("sagemaker.core")
pytest.importorskip("trl")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

STEPS = 60
FLAGS = ("--epochs", "20", "--checkpoint-every", "5")


def taken_back(aws, how):
    """Takes the instance of the first job away once there is a checkpoint."""

    def take():
        until = time.monotonic() + 500
        while time.monotonic() < until:
            if any(key.endswith("manifest.json") for key in aws.objects(BUCKET, "demo/tune/")):
                how(aws.jobs.all()[0].name)
                return
            time.sleep(0.02)

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    return thread


def record_of(project):
    (path,) = (project.folder / ".mlcc" / "runs").glob("*.json")
    return json.loads(path.read_text())


def starts(aws):
    """The steps that each start of a job has logged, by its stream, oldest first."""
    logs, group = aws.account.client("logs"), "/aws/sagemaker/TrainingJobs"
    events = logs.filter_log_events(logGroupName=group, limit=10_000)["events"]
    steps = {}
    for event in events:
        if event["message"].startswith("mlcc-progress "):
            line = json.loads(event["message"].removeprefix("mlcc-progress "))
            steps.setdefault(event["logStreamName"], []).append(line.get("step", 0))
    return [steps[stream] for stream in sorted(steps, key=lambda name: name.rpartition("-")[2])]


def trained(aws, project, job):
    """Check what a whole training has left."""
    prefix = f"demo/tune/sft/{job}/output/model/checkpoints/hf/"
    assert {f"{prefix}adapter_config.json", f"{prefix}adapter_model.safetensors"} <= set(
        aws.objects(BUCKET, prefix)
    )
    record = record_of(project)
    assert record["status"] == "completed"
    assert record["output"]["path"] == f"s3://{BUCKET}/demo/tune/sft/{job}/output/model"
    assert record["spent"]["charges"][0]["what"].startswith("training on ml.g5.xlarge")
    assert aws.trap.hosts == []


def test_a_spot_instance_is_taken_back(project, aws):
    thread = taken_back(aws, lambda name: aws.containers.interrupt(name, kill=True))
    ran = project(*TUNE, *FLAGS, "--spot")
    thread.join(10)
    assert ran.code == 0, ran
    (job,) = aws.jobs.all()
    assert f"step {STEPS}/{STEPS}" in ran.err, ran
    assert "spot instances taken back: 1" in ran.out, ran
    trained(aws, project, job.name)
    first, second = starts(aws)
    assert second[0] >= 5, (first, second)  # from a checkpoint


@pytest.mark.full
def test_an_instance_dies_and_the_same_command_goes_on(project, aws):
    thread = taken_back(aws, aws.containers.lose)
    ran = project(*TUNE, *FLAGS)
    thread.join(10)
    assert ran.code == 3, ran
    assert "was interrupted: InternalServerError" in ran.err
    assert "goes on from step" in ran.err
    ran = project(*TUNE, *FLAGS)
    assert ran.code == 0, ran
    first, second = aws.jobs.all()
    assert second.name == f"{first.name}-c2"
    trained(aws, project, second.name)
