"""A complete CreateTrainingJob to begin from, and a watcher; for tests."""

from __future__ import annotations

from typing import Any

from tests.aws_account.aws import Aws
from tests.aws_account.training.record import TERMINAL

BASE = "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model"
QWEN = "huggingface-reasoning-qwen3-06b"
LLAMA = "meta-textgeneration-llama-3-2-1b-instruct"
ROWS = b'{"prompt": "a", "completion": "b"}\n'


def job_request(aws: Aws) -> dict[str, Any]:
    """A request for ``job-1`` (SFT with LoRA); makes its bucket ``data`` and its ``group``."""
    aws.bucket("data", {"in/train.jsonl": ROWS})
    group = aws.packages.create_model_package_group({"ModelPackageGroupName": "group"})
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": "s3://data/in/train.jsonl",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {
        "TrainingJobName": "job-1",
        "RoleArn": aws.role,
        "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
        "OutputDataConfig": {"S3OutputPath": "s3://data/out/"},
        "HyperParameters": {"max_epochs": "1", "lora_rank": "8"},
        "ServerlessJobConfig": {
            "BaseModelArn": f"{BASE}/{QWEN}/1.0.0",
            "JobType": "FineTuning",
            "CustomizationTechnique": "SFT",
            "Peft": "LORA",
        },
        "ModelPackageConfig": {"ModelPackageGroupArn": group["ModelPackageGroupArn"]},
    }


def serverless(request: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The request with another ServerlessJobConfig; a change to ``None`` leaves a member out."""
    config = {**request["ServerlessJobConfig"], **changes}
    return {**request, "ServerlessJobConfig": {k: v for k, v in config.items() if v is not None}}


def watch(sagemaker: Any, name: str = "job-1", most: int = 30) -> list[dict[str, Any]]:
    """Describe a job until it ends; every description in order.

    Raises:
        AssertionError: it has not ended after ``most`` looks.
    """
    seen = []
    for _ in range(most):
        seen.append(sagemaker.describe_training_job(TrainingJobName=name))
        if seen[-1]["TrainingJobStatus"] in TERMINAL:
            return seen
    raise AssertionError(f"still {seen[-1]['SecondaryStatus']} after {most} looks")
