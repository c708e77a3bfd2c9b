"""Jobs that go on from the package of an earlier one."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.aws_account.training import courses
from tests.aws_account.training.job_requests import BASE, LLAMA, job_request, serverless, watch

FULL = {"Peft": None}
RLVR = {"CustomizationTechnique": "RLVR"}
PRESET = {"HyperParameters": {"preset_reward_function": "gsm8k"}}


def following(aws, before, after):
    """Run a job with ``before`` and send another with ``after`` that goes on from its package."""
    aws.jobs.course = courses.at_once()
    sagemaker = aws.client("sagemaker")
    request = job_request(aws)
    sagemaker.create_training_job(**{**serverless(request, **before), **PRESET})
    package = watch(sagemaker)[-1]["OutputModelPackageArn"]
    second = serverless(request, **after)
    second["TrainingJobName"] = "job-2"
    second["ModelPackageConfig"] = {
        **second["ModelPackageConfig"],
        "SourceModelPackageArn": package,
    }
    sagemaker.create_training_job(**second)
    return package


def test_a_job_goes_on_and_leaves_the_next_version(aws):
    package = following(aws, {}, {"CustomizationTechnique": "DPO"})
    last = watch(aws.client("sagemaker"), "job-2")[-1]
    assert last["ModelPackageConfig"]["SourceModelPackageArn"] == package
    assert last["OutputModelPackageArn"] == package.replace("/1", "/2")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (FULL, {}, "LoRA only"),
        ({}, FULL, "LoRA only"),
        (RLVR, {}, "from RLVR to SFT is not supported"),
        ({}, {"BaseModelArn": f"{BASE}/{LLAMA}/1.0.0", "AcceptEula": True}, "of huggingface-"),
    ],
)
def test_what_cannot_follow(aws, before, after, words):
    with pytest.raises(ClientError, match=words):
        following(aws, before, after)
    assert len(aws.jobs.all()) == 1


def test_a_package_that_is_not_there(aws):
    request = job_request(aws)
    source = "arn:aws:sagemaker:us-east-1:123456789012:model-package/gone/1"
    request["ModelPackageConfig"]["SourceModelPackageArn"] = source
    with pytest.raises(ClientError, match="does not exist"):
        aws.client("sagemaker").create_training_job(**request)
