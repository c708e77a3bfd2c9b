"""A complete CreateTrainingJob on instances to begin from, and a watcher; for tests."""

from __future__ import annotations

import time
from typing import Any

from tests.aws_account.aws import Aws
from tests.aws_account.training.record import TERMINAL

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-gpu-py312"
INSTANCE = "ml.g5.xlarge"


def instance_request(aws: Aws, code: str, **members: Any) -> dict[str, Any]:
    """Compose a request for ``job-1`` that runs a Python program; makes its bucket ``data``.

    Args:
        aws: the account.
        code: the program, in the channel ``code`` beside those of ``members``; ``ML`` is the
            container's root in it.
        members: of the request, in place of those here.
    """
    program = f"from pathlib import Path; ML = str(Path(__file__).parents[3])\n{code}"
    aws.bucket("data", {"in/train.jsonl": b"{}\n", "code/run.py": program.encode()})
    request = {
        "TrainingJobName": "job-1",
        "RoleArn": aws.role,
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", "/opt/ml/input/data/code/run.py"],
        },
        "InputDataConfig": [channel("train", "s3://data/in/")],
        "OutputDataConfig": {"S3OutputPath": "s3://data/out/", "CompressionType": "NONE"},
        "ResourceConfig": {"InstanceType": INSTANCE, "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        **members,
    }
    request["InputDataConfig"] = [*request["InputDataConfig"], channel("code", "s3://data/code/")]
    return request


def channel(name: str, uri: str, **members: str) -> dict[str, Any]:
    """Compose a channel of everything below an S3 prefix."""
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, **members}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def until(
    sagemaker: Any, secondary: str, name: str = "job-1", seconds: float = 100.0
) -> dict[str, Any]:
    """Describe a job until it is in this secondary status; returns that description.

    Raises:
        AssertionError: it has ended otherwise, or the time is over.
    """
    end = time.monotonic() + seconds
    while True:
        job: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        if job["SecondaryStatus"] == secondary:
            return job
        about = {key: job.get(key) for key in ("SecondaryStatus", "FailureReason")}
        assert job["TrainingJobStatus"] not in TERMINAL, about
        assert time.monotonic() < end, about
        time.sleep(0.02)
