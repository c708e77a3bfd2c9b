"""Requests for jobs on instances that are refused, and what a job's role and quotas allow."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.aws_account.containers.job_requests import (
    IMAGE,
    INSTANCE,
    channel,
    instance_request,
    until,
)
from tests.aws_account.permissions.policies import Need
from tests.aws_account.training import courses
from tests.aws_account.training.courses import Stage
from tests.aws_account.training.job_requests import job_request, watch

TWO = {"InstanceType": INSTANCE, "InstanceCount": 2, "VolumeSizeInGB": 30}
GROUP = {"InstanceType": INSTANCE, "InstanceCount": 2, "InstanceGroupName": "a"}
SPOT = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60},
}
IMAGES = "763104351884.dkr.ecr"


def refused(sagemaker, request):
    with pytest.raises(ClientError) as raised:
        sagemaker.create_training_job(**request)
    return raised.value.response["Error"]


def algorithm(request, **members):
    changed = {**request["AlgorithmSpecification"], **members}
    kept = {name: value for name, value in changed.items() if value is not None}
    return {**request, "AlgorithmSpecification": kept}


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"StoppingCondition": None}, "StoppingCondition is required"),
        ({"ResourceConfig": None}, "ResourceConfig is required"),
        ({"AlgorithmSpecification": None}, "AlgorithmSpecification is required"),
        ({"ResourceConfig": {"InstanceType": INSTANCE}}, "requires InstanceCount"),
        ({"ResourceConfig": {**TWO, "InstanceCount": 0}}, "at least 1"),
        ({"ResourceConfig": {**TWO, "VolumeSizeInGB": 0}}, "at least 1"),
        ({"ResourceConfig": {**TWO, "InstanceType": "ml.z9.huge"}}, "enum value set"),
        (
            {"ResourceConfig": {**TWO, "InstanceGroups": [GROUP]}},
            "InstanceGroups",
        ),
        ({"EnableManagedSpotTraining": True}, "must be present and be greater"),
        (
            {**SPOT, "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59}},
            "greater than or equal to MaxRuntimeInSeconds",
        ),
        (
            {"StoppingCondition": {"MaxWaitTimeInSeconds": 60}},
            "only supported when EnableManagedSpotTraining is set to true",
        ),
        ({**SPOT, "ResourceConfig": {**TWO, "KeepAlivePeriodInSeconds": 60}}, "KeepAlive"),
        ({"InputDataConfig": [channel("code", "s3://data/in")]}, "unique: code"),
        ({"OutputDataConfig": {"S3OutputPath": "s3://data/o", "KmsKeyId": "key"}}, "KMS key"),
        ({"ResourceConfig": {**TWO, "VolumeKmsKeyId": "key"}}, "VolumeKmsKeyId key"),
        ({"RoleArn": "arn:aws:iam::123456789012:role/Nobody"}, "Could not assume role"),
        (
            {
                "MlflowConfig": {
                    "MlflowResourceArn": "arn:aws:sagemaker:us-east-1:123456789012:mlflow-app/a"
                }
            },
            "only",
        ),
        ({"CheckpointConfig": {"S3Uri": "s3://data/c", "LocalPath": "/elsewhere"}}, "LocalPath"),
    ],
)
def test_a_request_that_is_not_consistent_is_refused(aws, sagemaker, members, words):
    request = instance_request(aws, "", **members)
    request = {name: value for name, value in request.items() if value is not None}
    assert words in refused(sagemaker, request)["Message"]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"TrainingImage": "pytorch:latest"}, "Invalid training image"),
        (
            {"TrainingImage": f"{IMAGES}.us-east-1.amazonaws.com/mine:1"},
            "Cannot find repository: mine in registry ID: 763104351884 Please check",
        ),
        ({"TrainingImage": IMAGE.replace("us-east-1", "us-west-2")}, "Cannot find repository"),
        ({"TrainingImage": IMAGE.replace("2.6.0", "two")}, "Cannot find the requested image"),
        ({"TrainingImage": None}, "Exactly one of TrainingImage and AlgorithmName"),
        ({"ContainerEntrypoint": None}, "give ContainerEntrypoint"),
        ({"TrainingInputMode": "Pipe"}, "Pipe"),
    ],
)
def test_an_image_that_cannot_run_is_refused(aws, sagemaker, members, words):
    request = algorithm(instance_request(aws, ""), **members)
    assert words in refused(sagemaker, request)["Message"]


def test_an_image_of_ones_own_can_be_made_known(aws, sagemaker):
    aws.containers.runs = False
    aws.containers.images["123456789012/mine"] = "1"
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1"
    request = algorithm(instance_request(aws, ""), TrainingImage=image)
    assert sagemaker.create_training_job(**request)["TrainingJobArn"]


@pytest.mark.parametrize("member", ["AlgorithmSpecification", "ResourceConfig"])
def test_a_job_is_serverless_or_on_instances(aws, sagemaker, member):
    aws.bucket("other")
    serverless = job_request(aws)
    both = {**serverless, member: {"TrainingInputMode": "File"} if "A" in member else TWO}
    assert f"{member} is not supported" in refused(sagemaker, both)["Message"]


def test_quotas_are_told_in_the_words_of_aws(aws, sagemaker):
    aws.containers.runs = False
    aws.jobs.course = courses.runs_on()
    aws.containers.quotas = {(INSTANCE, "training"): 0, (INSTANCE, "spot training"): 2}
    error = refused(sagemaker, instance_request(aws, ""))
    assert error["Code"] == "ResourceLimitExceeded"
    assert error["Message"].startswith(
        "The account-level service limit 'ml.g5.xlarge for training job usage' is 0 Instances, "
        "with current utilization of 0 Instances and a request delta of 1 Instances. "
    )
    request = {**instance_request(aws, "", **SPOT), "ResourceConfig": TWO}
    sagemaker.create_training_job(**request)
    error = refused(sagemaker, {**request, "TrainingJobName": "job-2"})
    assert (
        "spot training job usage' is 2 Instances, with current utilization of 2" in error["Message"]
    )
    aws.jobs["job-1"].proceed(courses.STOPPED)
    sagemaker.create_training_job(**{**request, "TrainingJobName": "job-2"})


def test_the_longest_run_time_is_a_quota_too(aws, sagemaker):
    request = instance_request(aws, "", StoppingCondition={"MaxRuntimeInSeconds": 432_001})
    words = "'Longest run time for a training job' is 432000 Seconds"
    assert words in refused(sagemaker, request)["Message"]


def test_a_job_that_runs_nothing_follows_its_course(aws, sagemaker, lines):
    aws.containers.runs = False
    said = Stage("Training", lines=("progress {}", "metric 1"))
    aws.jobs.course = (
        courses.STARTING,
        courses.DOWNLOADING,
        said,
        courses.UPLOADING,
        courses.COMPLETED,
    )
    sagemaker.create_training_job(**instance_request(aws, "", **SPOT))
    job = watch(sagemaker)[-1]
    assert "ProgressInfo" not in job
    assert [line for _, line in lines()][-2:] == ["progress {}", "metric 1"]
    assert "out/job-1/output/model/checkpoints/hf/adapter_config.json" in aws.objects(
        "data", "out/"
    )


def test_a_course_may_interrupt_a_spot_job(aws, sagemaker):
    aws.containers.runs = False
    once = (courses.STARTING, courses.DOWNLOADING, *courses.training(1, 1))
    aws.jobs.course = (*once, courses.INTERRUPTED, *once, courses.UPLOADING, courses.COMPLETED)
    request = instance_request(aws, "", **SPOT, OutputDataConfig={"S3OutputPath": "s3://data/out"})
    sagemaker.create_training_job(**request)
    states = [one["Status"] for one in watch(sagemaker)[-1]["SecondaryStatusTransitions"]]
    once = ["Starting", "Downloading", "Training"]
    assert states == [*once, "Interrupted", *once, "Uploading", "Completed"]
    assert list(aws.objects("data", "out/")) == ["out/job-1/output/model.tar.gz"]


ROLE = "arn:aws:iam::123456789012:role/Narrow"
ALL = {
    "logs": ["logs:*", "cloudwatch:PutMetricData"],
    "ecr": ["ecr:*"],
    "read": ["s3:GetObject", "s3:ListBucket"],
    "write": ["s3:PutObject"],
    "kms": ["kms:*"],
}


def narrow(aws, *without):
    actions = [action for name, group in ALL.items() if name not in without for action in group]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    aws.identity.add_role("Narrow", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return {"RoleArn": ROLE}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("without", "words"),
    [
        ("logs", f"ClientError: {ROLE} is not authorized to perform: logs:"),
        ("read", "ClientError: Data download failed:Access denied. "),
        ("write", "ClientError: Artifact upload failed:Access denied. "),
        ("kms", "kms:Encrypt on resource: arn:aws:kms:us-east-1:123456789012:alias/a"),
    ],
)
def test_a_job_does_what_its_role_may(aws, ran, without, words):
    output = {"S3OutputPath": "s3://data/out", "KmsKeyId": "alias/a"}
    code = "open(ML + '/model/w', 'w').write('1')"
    job = ran(code, "Failed", OutputDataConfig=output, **narrow(aws, without))
    assert words in job["FailureReason"]


def test_an_image_is_pulled_with_the_role(aws, sagemaker):
    error = refused(sagemaker, instance_request(aws, "", **narrow(aws, "ecr")))
    assert error["Message"].startswith("Access denied for repository: pytorch-training")


@pytest.mark.slow
def test_checkpoints_that_the_role_may_not_write_fail_the_job(aws, ran):
    code = "open(ML + '/checkpoints/c', 'w').write('1')"
    where = {"CheckpointConfig": {"S3Uri": "s3://data/checkpoints"}}
    job = ran(code, "Failed", **where, **narrow(aws, "write"))
    assert "s3:PutObject" in job["FailureReason"]


@pytest.mark.slow
def test_a_role_needs_no_more_than_the_documentation_says(aws, ran):
    code = "open(ML + '/model/w', 'w').write('1'); open(ML + '/checkpoints/c', 'w').write('1')"
    where = {"CheckpointConfig": {"S3Uri": "s3://data/checkpoints"}}
    ran(code, **where, **narrow(aws, "kms"))
    objects = aws.objects("data")
    assert {"checkpoints/c", "out/job-1/output/model/w"} <= set(objects)
    key = Need("s3:PutObject", "arn:aws:s3:::data/out/job-1/output/model/w")
    assert key in aws.identity.used


ASKS = """
import boto3, botocore
s3 = boto3.client("s3")
print("read", s3.get_object(Bucket="data", Key="in/train.jsonl")["Body"].read())
try:
    s3.put_object(Bucket="data", Key="made", Body=b"1")
except botocore.exceptions.ClientError as error:
    print("refused", error.response["Error"]["Message"])
print("who", boto3.client("sts").get_caller_identity()["Arn"])
"""


@pytest.mark.slow
def test_a_container_asks_aws_with_the_rights_of_its_role(aws, ran, lines):
    ran(ASKS, **narrow(aws, "write"))
    found = dict(line.split(" ", 1) for _, line in lines())
    assert found["read"] == "b'{}\\n'"
    assert f"User: {ROLE} is not authorized to perform: s3:PutObject" in found["refused"]
    assert found["who"] == "arn:aws:sts::123456789012:assumed-role/Narrow/SageMaker"


@pytest.mark.slow
def test_an_isolated_container_has_no_credentials(ran, lines):
    code = "import os; print([name for name in os.environ if 'KEY' in name or 'TOKEN' in name])"
    ran(code, EnableNetworkIsolation=True)
    assert [line for _, line in lines()] == ["[]"]


@pytest.mark.slow
def test_faults_strike_jobs_on_instances_too(aws, sagemaker):
    aws.inject("CreateTrainingJob", "lost")
    request = instance_request(aws, "")
    with pytest.raises(Exception, match="Connection was closed"):
        sagemaker.create_training_job(**request)
    assert refused(sagemaker, request)["Code"] == "ResourceInUse"
    until(sagemaker, "Completed")
