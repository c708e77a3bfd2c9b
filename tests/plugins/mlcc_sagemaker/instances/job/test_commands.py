"""Commands about jobs on instances: looked at, gone on with, read, stopped, removed."""

from __future__ import annotations

import pytest

from tests.aws_account.training.courses import FOREVER, Stage
from tests.plugins.mlcc_sagemaker.instances.job import courses
from tests.plugins.mlcc_sagemaker.instances.job.conftest import TUNE

pytest.importorskip("sagemaker.core")

RUNS_ON = (Stage("Training", looks=FOREVER, lines=("hello", courses.step(1))),)


@pytest.fixture
def followed(aws):
    aws.containers.runs = False
    return aws


def test_a_job_that_runs_is_looked_at_and_stopped(project, followed):
    followed.jobs.course = RUNS_ON
    ran = project(*TUNE, "--no-wait")
    assert ran.code == 0, ran
    status = project("tune", "--status")
    assert "running (Training)" in status.out, status
    assert "step 1/3" in status.out
    assert project("logs", "sft").out == "started\nhello\n"
    stopped = project("stop", "sft")
    assert stopped.code == 0, stopped
    assert followed.jobs.all()[0].status in ("Stopping", "Stopped")


def test_a_job_that_is_cut_off_goes_on_by_the_same_command(project, followed):
    followed.jobs.course = courses.loses_an_instance()
    ran = project(*TUNE)
    assert ran.code == 3, ran
    assert "❌ The job demo-sft-" in ran.err
    assert "was interrupted: InternalServerError" in ran.err
    status = project("tune", "--status")
    assert "interrupted" in status.out, status
    followed.jobs.course = courses.completes()
    ran = project(*TUNE)
    assert ran.code == 0, ran
    assert "↻ demo-sft-" in ran.err
    assert "went on as: demo-sft-" in ran.out
    assert "spent: training on ml.g5.xlarge" in ran.out
    again = project(*TUNE)
    assert again.code == 0, again
    assert len(followed.jobs.all()) == 2
    removed = project("runs", "remove", "sft", "--yes")
    assert removed.code == 0, removed
    assert followed.objects("mlcc-tune-123456789012-us-east-1", "demo/tune/") == {}


def test_force_frees_what_an_interrupted_job_would_go_on_from(project, followed):
    followed.jobs.course = courses.loses_an_instance()
    assert project(*TUNE).code == 3
    (first,) = followed.jobs.all()
    bucket, _, key = first.request["CheckpointConfig"]["S3Uri"][5:].partition("/")
    s3 = followed.account.client("s3")
    s3.put_object(Bucket=bucket, Key=f"{key}step-2/manifest.json", Body=b"{}")
    status = project("tune", "--status")
    assert "step 2" in status.out + status.err, status
    followed.jobs.course = courses.completes()
    ran = project(*TUNE, "--force")
    assert ran.code == 0, ran
    assert followed.objects(bucket, key) == {}
    assert followed.jobs.all()[1].name.endswith("-2")


def test_a_job_that_ran_too_long_comes_with_the_flag_for_more(project, followed):
    ended = Stage("MaxRuntimeExceeded", "Stopped", "Training job runtime exceeded")
    followed.jobs.course = (Stage("Training"), ended)
    ran = project(*TUNE)
    assert ran.code == 2, ran
    _, _, said = ran.err.partition("❌ ")
    assert " was stopped: it ran longer than 24h, the limit (MaxRuntimeExceeded)\n" in said
    again = "./do/tune --technique sft --stop-after 48h --dataset s3://data/sft.jsonl --force"
    assert said.splitlines()[-1].strip() == again
