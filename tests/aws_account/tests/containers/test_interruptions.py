"""Jobs on instances that are stopped, interrupted, or too long; and their checkpoints."""

from __future__ import annotations

import threading
import time

import pytest
from botocore.exceptions import ClientError

from tests.aws_account.containers.job_requests import INSTANCE, instance_request, until

pytestmark = pytest.mark.slow

COUNTS = """
import os, signal, sys, time
def told(*_):
    print("told", flush=True)
    open(ML + "/checkpoints/told", "w").write("1")
    sys.exit(0)
signal.signal(signal.SIGTERM, told)
path = ML + "/checkpoints/count"
count = int(open(path).read()) if os.path.exists(path) else 0
print("from", count, flush=True)
count += 1
open(path, "w").write(str(count))
if count == 3:
    open(ML + "/model/done", "w").write("1")
    sys.exit(0)
time.sleep(600)
"""
IGNORES = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(ML + "/model/part", "w").write("1")
print("ready", flush=True)
time.sleep(600)
"""
SPOT = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
    "CheckpointConfig": {"S3Uri": "s3://data/checkpoints"},
}


@pytest.fixture
def start(aws, sagemaker):
    def start(code, **members):
        sagemaker.create_training_job(**instance_request(aws, code, **members))
        until(sagemaker, "Training")

    return start


@pytest.fixture
def says(lines):
    """``(text, times=1)``: wait until the log has a line so many times."""

    def wait(text, times=1):
        end = time.monotonic() + 100
        while [line for _, line in lines()].count(text) < times:
            assert time.monotonic() < end, lines()
            time.sleep(0.02)

    return wait


def synced(aws, key, body):
    end = time.monotonic() + 100
    while aws.objects("data", key).get(key) != body:
        assert time.monotonic() < end, aws.objects("data", "checkpoints")
        time.sleep(0.05)


def test_spot_instances_are_replaced_and_checkpoints_come_back(aws, sagemaker, start, says, lines):
    start(COUNTS, **SPOT)
    says("from 0")
    aws.containers.interrupt("job-1")
    assert aws.objects("data", "checkpoints/") == {
        "checkpoints/count": b"1",
        "checkpoints/told": b"1",
    }
    assert aws.containers.root("job-1").is_dir()
    says("from 1")
    synced(aws, "checkpoints/count", b"2")
    aws.containers.interrupt("job-1", kill=True)
    job = until(sagemaker, "Completed")
    states = [one["Status"] for one in job["SecondaryStatusTransitions"]]
    once = ["Starting", "Downloading", "Training"]
    assert states == [*once, "Interrupted", *once, "Interrupted", *once, "Uploading", "Completed"]
    assert [text for _, text in lines()] == ["from 0", "told", "from 1", "from 2"]
    assert len({stream for stream, _ in lines()}) == 3
    assert aws.objects("data", "out/") == {"out/job-1/output/model/done": b"1"}
    assert job["BillableTimeInSeconds"] <= job["TrainingTimeInSeconds"]


def test_an_interruption_is_planned_for_the_first_checkpoint(aws, sagemaker, start, lines):
    code = """
import os, time
kept = ML + "/checkpoints/1/state"
again = os.path.exists(kept)
print("again" if again else "first", flush=True)
if not again:
    os.mkdir(os.path.dirname(kept))
    open(kept, "w").write("1")
    time.sleep(600)
"""
    aws.containers.once_saved("state", "take")
    start(code, **SPOT)
    assert until(sagemaker, "Completed")["BillableTimeInSeconds"] >= 0
    assert [text for _, text in lines()] == ["first", "again"]


def test_instances_that_are_killed_copy_no_checkpoints_at_the_end(aws, start, says, monkeypatch):
    monkeypatch.setattr("tests.aws_account.containers.attempt.SYNC", 600.0)
    start(COUNTS, **SPOT)
    says("from 0")
    aws.containers.interrupt("job-1", kill=True)
    says("from 0", times=2)
    assert aws.objects("data", "checkpoints/") == {}


def test_checkpoints_that_are_deleted_are_deleted_in_s3(aws, start):
    code = """
import os, time
path = ML + "/checkpoints/one/state"
os.mkdir(ML + "/checkpoints/one")
open(path, "w").write("1")
while not os.path.exists(ML + "/checkpoints/go"): time.sleep(0.05)
os.remove(path)
time.sleep(600)
"""
    start(code, CheckpointConfig={"S3Uri": "s3://data/checkpoints/"})
    synced(aws, "checkpoints/one/state", b"1")
    (aws.containers.root("job-1") / "checkpoints" / "go").write_text("")
    synced(aws, "checkpoints/one/state", None)


def test_instances_that_are_no_spot_instances_end_with_the_job(aws, sagemaker, start):
    start(IGNORES)
    aws.containers.grace = 0.1
    aws.containers.interrupt("job-1")
    job = until(sagemaker, "Failed")
    assert job["FailureReason"].startswith("InternalServerError: ")
    assert aws.objects("data", "out/") == {}


def test_a_dead_instance_fails_a_spot_job_too_unless_it_is_retried(aws, sagemaker, start):
    start(COUNTS, **SPOT, RetryStrategy={"MaximumRetryAttempts": 1})
    aws.containers.lose("job-1")
    until(sagemaker, "Training")
    aws.containers.lose("job-1")
    job = until(sagemaker, "Failed")
    states = [one["Status"] for one in job["SecondaryStatusTransitions"]]
    once = ["Starting", "Downloading", "Training"]
    assert states == [*once, "Restarting", *once, "Failed"]
    with pytest.raises(RuntimeError, match="Failed"):
        aws.containers.lose("job-1")


def test_a_stopped_job_keeps_its_output(aws, sagemaker, start, says):
    start(IGNORES)
    says("ready")
    aws.containers.grace = 0.2
    sagemaker.stop_training_job(TrainingJobName="job-1")
    assert sagemaker.describe_training_job(TrainingJobName="job-1")["TrainingJobStatus"] in (
        "Stopping",
        "Stopped",
    )
    job = until(sagemaker, "Stopped")
    states = [one["Status"] for one in job["SecondaryStatusTransitions"]]
    assert states[-3:] == ["Stopping", "Uploading", "Stopped"]
    assert aws.objects("data", "out/") == {"out/job-1/output/model/part": b"1"}
    with pytest.raises(ClientError, match="status Stopped"):
        sagemaker.stop_training_job(TrainingJobName="job-1")


def test_a_job_that_is_stopped_while_its_instances_go_does_not_come_back(
    aws, sagemaker, start, says
):
    start(IGNORES, **SPOT)
    says("ready")
    aws.containers.grace = 3.0
    interrupting = threading.Thread(target=aws.containers.interrupt, args=("job-1",))
    interrupting.start()
    while aws.containers._runs["job-1"].job.wish != "interrupt":
        time.sleep(0.01)
    sagemaker.stop_training_job(TrainingJobName="job-1")
    job = until(sagemaker, "Stopped")
    interrupting.join()
    states = [one["Status"] for one in job["SecondaryStatusTransitions"]]
    assert states.count("Training") == 1


def test_a_job_may_not_run_longer_than_it_said(aws, sagemaker, start, says):
    start(IGNORES)
    says("ready")
    aws.containers.grace = 0.1
    aws.clock.forward(3601)
    job = until(sagemaker, "MaxRuntimeExceeded")
    assert job["TrainingJobStatus"] == "Stopped"
    assert job["TrainingTimeInSeconds"] >= 3600
    assert aws.objects("data", "out/") == {"out/job-1/output/model/part": b"1"}


def test_a_spot_job_waits_for_instances_and_not_for_ever(aws, sagemaker):
    aws.containers.capacity(INSTANCE, available=False)
    sagemaker.create_training_job(**instance_request(aws, "pass", **SPOT))
    time.sleep(0.1)
    until(sagemaker, "Starting")
    aws.clock.forward(7201)
    job = until(sagemaker, "MaxWaitTimeExceeded")
    assert job["TrainingJobStatus"] == "Stopped"
    assert "TrainingTimeInSeconds" not in job
    assert "TrainingStartTime" not in job


def test_an_interrupted_job_waits_until_there_are_instances_again(aws, sagemaker, start, says):
    start(COUNTS, **SPOT)
    says("from 0")
    aws.containers.capacity(INSTANCE, available=False)
    aws.containers.interrupt("job-1")
    until(sagemaker, "Starting")
    aws.containers.capacity(INSTANCE, available=True)
    says("from 1")
    aws.containers.capacity(INSTANCE, available=False)
    aws.containers.interrupt("job-1")
    until(sagemaker, "Starting")
    sagemaker.stop_training_job(TrainingJobName="job-1")
    until(sagemaker, "Stopped")


def test_a_job_on_demand_fails_without_instances(aws, ran):
    aws.containers.capacity(INSTANCE, available=False)
    job = ran("pass", "Failed")
    assert job["FailureReason"].startswith(
        "CapacityError: Unable to provision requested ML compute"
    )
