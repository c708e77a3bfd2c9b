"""Ends of jobs: status, reason, fault, and whether a job can go on."""

from __future__ import annotations

import shlex

import pytest

from mlcc_sagemaker.instances.job.ending import ending_of

INSTANCES = {"ResourceConfig": {"InstanceType": "ml.g5.2xlarge", "InstanceCount": 1}}
LIMIT = (
    "ResourceLimitExceeded: The account-level service limit 'ml.g5.2xlarge for training job usage' "
    "is 1 Instances, with current utilization of 1 Instances and a request delta of 2 Instances."
)


def failed(words, result=None):
    description = {"TrainingJobStatus": "Failed", "FailureReason": words, **INSTANCES}
    return ending_of(description, result)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("CapacityError: Unable to provision requested ML compute capacity.", "platform"),
        ("InternalServerError: We encountered an internal error. Please try again.", "platform"),
        ("AlgorithmError: CUDA out of memory, exit code: 2", "platform"),
        ("AlgorithmError: , exit code: 137", "platform"),
        ("AlgorithmError: the disk is full, exit code: 3", "platform"),
        ("AlgorithmError: row 3 has no prompt, exit code: 1", "input"),
        ("AlgorithmError: ZeroDivisionError: division, exit code: 2", "job"),
        ("AlgorithmError: Segmentation fault, exit code: 139", "job"),
        ("AlgorithmError: ", "job"),
        ("ClientError: Data download failed:matched no files on s3://b/k", "input"),
        ("ClientError: r is not authorized to perform: s3:GetObject on resource: b", "permission"),
        ("ClientError: Please use an instance type with more memory", "platform"),
        (LIMIT, "quota"),
        ("", "job"),
    ],
)
def test_whose_fault_it_is_and_what_can_go_on(words, fault):
    ending = failed(words)
    assert (ending.status, ending.fault) == ("failed", fault)
    assert ending.interrupted is (fault == "platform")
    assert ending.reason


@pytest.mark.parametrize("fault", ["input", "job", "platform"])
def test_the_containers_own_result_counts(fault):
    result = {"state": "failed", "fault": fault, "reason": "No loss.", "hint": "--epochs 2"}
    ending = failed("AlgorithmError: something shorter, exit code: 2", result)
    assert ending.reason == "No loss.\n--epochs 2"
    assert (ending.fault, ending.interrupted) == (fault, fault == "platform")


def test_a_result_of_the_container_says_nothing_of_what_the_service_did():
    ending = failed("CapacityError: no", {"state": "failed", "fault": "job", "reason": "old"})
    assert ending.reason == "AWS has no ml.g5.2xlarge free right now: CapacityError: no"
    assert ending.interrupted


def test_the_exit_code_is_not_shown():
    assert failed("AlgorithmError: it broke, exit code: 2").reason == "it broke"
    assert failed("AlgorithmError: , exit code: 2").reason == "The training ended with exit code 2."


def test_the_hint_of_a_failure_is_a_line_of_its_own():
    ending = failed("AlgorithmError: A row is empty. Hint: --column-map a:b, exit code: 1")
    assert ending.reason == "A row is empty.\n--column-map a:b"


def test_memory_comes_with_what_mends_it():
    result = {
        "state": "failed",
        "fault": "platform",
        "reason": "Out of memory: CUDA",
        "hint": "use a smaller --batch-size or --max-seq-length, a smaller model, or LoRA",
    }
    for ending in (
        failed("AlgorithmError: x, exit code: 3", result),
        failed("AlgorithmError: , exit code: 137"),
    ):
        assert ending.reason.splitlines()[1].endswith("or an --instance-type with more memory")


def test_a_quota_comes_with_the_command_that_asks_for_more():
    command = failed(LIMIT).reason.splitlines()[1]
    words = shlex.split(command, posix=True)
    assert words[:3] == ["aws", "service-quotas", "request-service-quota-increase"]
    assert words[words.index("--desired-value") + 1] == "3"
    assert "QuotaName=='ml.g5.2xlarge for training job usage'" in command


def stopped(secondary, **condition):
    description = {"TrainingJobStatus": "Stopped", "SecondaryStatus": secondary}
    return ending_of({**description, "StoppingCondition": condition}, None)


def test_a_job_that_ran_too_long():
    ending = stopped("MaxRuntimeExceeded", MaxRuntimeInSeconds=86400)
    assert ending.status == "stopped"
    assert ending.reason == (
        "it ran longer than 24h, the limit (MaxRuntimeExceeded)\n--stop-after 48h"
    )
    assert not ending.interrupted
    most = stopped("MaxRuntimeExceeded", MaxRuntimeInSeconds=28 * 86400)
    assert most.reason.endswith("--stop-after 672h")


def test_a_job_that_waited_too_long_can_go_on():
    ending = stopped("MaxWaitTimeExceeded", MaxWaitTimeInSeconds=5400)
    assert (ending.status, ending.fault, ending.interrupted) == ("failed", "platform", True)
    assert ending.reason == (
        "it waited for spot instances longer than 1h30m in all (MaxWaitTimeExceeded)"
    )


def test_a_job_that_somebody_stopped():
    ending = stopped("Stopped")
    assert (ending.status, ending.reason, ending.fault) == ("stopped", "it was asked to stop", None)


@pytest.mark.parametrize(
    ("status", "secondary", "is_now"),
    [
        ("InProgress", "Starting", "pending"),
        ("InProgress", "Training", "running"),
        ("InProgress", "Interrupted", "running"),
        ("InProgress", "Uploading", "running"),
        ("Stopping", "Stopping", "stopping"),
        ("Completed", "Completed", "completed"),
    ],
)
def test_a_job_on_its_way(status, secondary, is_now):
    description = {"TrainingJobStatus": status, "SecondaryStatus": secondary}
    assert ending_of(description, None).status == is_now
