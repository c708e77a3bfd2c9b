"""Faults behave as they say, for every wire format."""

from __future__ import annotations

import time

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

pytestmark = pytest.mark.slow


def error(call, **params):
    with pytest.raises(ClientError) as raised:
        call(**params)
    return raised.value.response


def one_call(aws, service):
    """A harmless call of a service; each speaks another wire format."""
    return getattr(aws.client(service), CALLS[service])


CALLS = {
    "sagemaker": "list_training_jobs",
    "s3": "list_buckets",
    "iam": "list_roles",
    "lambda": "list_functions",
    "ec2": "describe_vpcs",
}
SERVICES = list(CALLS)


def test_a_lost_answer_comes_after_the_work(aws):
    sagemaker = aws.client("sagemaker")
    fault = aws.inject("CreateModelPackageGroup", "lost")
    with pytest.raises(ConnectionClosedError):
        sagemaker.create_model_package_group(ModelPackageGroupName="group")
    assert fault.struck == 1
    assert sagemaker.describe_model_package_group(ModelPackageGroupName="group")
    call = aws.log.only("CreateModelPackageGroup")
    assert (call.status, call.fault) == (0, "lost")


def test_a_refused_request_does_nothing(aws):
    sagemaker = aws.client("sagemaker")
    aws.inject("CreateModelPackageGroup", "refused")
    with pytest.raises(ConnectionClosedError):
        sagemaker.create_model_package_group(ModelPackageGroupName="group")
    assert sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    assert sagemaker.create_model_package_group(ModelPackageGroupName="group")


def test_a_cut_answer_ends_in_the_middle(aws):
    aws.bucket("data", {"big": b"x" * 100_000})
    aws.inject("s3:GetObject", "cut")
    s3 = aws.client("s3")
    body = s3.get_object(Bucket="data", Key="big")["Body"]
    with pytest.raises(Exception, match=r"Incomplete|Connection broken|expected"):
        body.read()
    assert len(s3.get_object(Bucket="data", Key="big")["Body"].read()) == 100_000


def test_a_lost_upload_is_there(aws):
    aws.bucket("data")
    aws.inject("s3:PutObject", "lost")
    with pytest.raises(ConnectionClosedError):
        aws.client("s3").put_object(Bucket="data", Key="key", Body=b"body")
    assert aws.objects("data") == {"key": b"body"}


@pytest.mark.parametrize("service", SERVICES)
def test_throttling(aws, service):
    aws.inject(f"{service}:", "throttled")
    call = one_call(aws, service)
    answer = error(call)
    assert answer["Error"]["Code"] in {"ThrottlingException", "Throttling", "SlowDown"}
    assert call()


@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("service", SERVICES)
def test_failures_of_the_service(aws, service, status):
    aws.inject(f"{service}:", "failed", status=status)
    answer = error(one_call(aws, service))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize("service", SERVICES)
def test_an_expired_token(aws, service):
    aws.inject(f"{service}:", "expired")
    answer = error(one_call(aws, service))
    assert answer["Error"]["Code"] in {"ExpiredToken", "ExpiredTokenException"}


@pytest.mark.parametrize(
    ("service", "action"),
    [
        ("sagemaker", "sagemaker:ListTrainingJobs"),
        ("s3", "s3:ListAllMyBuckets"),
        ("iam", "iam:ListRoles"),
        ("lambda", "lambda:ListFunctions"),
        ("ec2", "ec2:DescribeVpcs"),
    ],
)
def test_a_denial_names_the_action(aws, service, action):
    aws.inject(f"{service}:", "denied")
    answer = error(one_call(aws, service))["Error"]
    assert answer["Code"] in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
    assert f"is not authorized to perform: {action} on resource" in answer["Message"]


def test_a_denied_head_has_no_body(aws):
    aws.bucket("data")
    aws.inject("HeadBucket", "denied")
    assert error(aws.client("s3").head_bucket, Bucket="data")["Error"]["Code"] == "403"


def test_a_slow_answer_comes_after_all(aws):
    impatient = Config(read_timeout=0.2, retries={"total_max_attempts": 1})
    sagemaker = aws.client("sagemaker", config=impatient)
    aws.inject("ListTrainingJobs", "slow", seconds=0.6)
    with pytest.raises(ReadTimeoutError):
        sagemaker.list_training_jobs()
    aws.inject("ListTrainingJobs", "slow", seconds=0.1)
    before = time.monotonic()
    assert aws.client("sagemaker").list_training_jobs()
    assert time.monotonic() - before >= 0.1


def test_a_slow_answer_does_not_outlast_its_test(aws):
    impatient = Config(read_timeout=0.1, retries={"total_max_attempts": 1})
    aws.inject("CreateModelPackageGroup", "slow", seconds=60)
    sagemaker = aws.client("sagemaker", config=impatient)
    with pytest.raises(ReadTimeoutError):
        sagemaker.create_model_package_group(ModelPackageGroupName="group")
    before = time.monotonic()
    aws.clear()
    assert time.monotonic() - before < 5
    assert aws.log.calls() == []
    assert aws.client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"] == []


def test_faults_let_some_pass_and_strike_so_often(aws):
    sagemaker = aws.client("sagemaker")
    fault = aws.inject("ListTrainingJobs", "throttled", after=1, times=2)
    results = []
    for _ in range(5):
        try:
            sagemaker.list_training_jobs()
            results.append("good")
        except ClientError:
            results.append("bad")
    assert results == ["good", "bad", "bad", "good", "good"]
    assert fault.struck == 2


def test_a_fault_may_strike_for_ever(aws):
    fault = aws.inject("", "failed", times=None)
    for service in SERVICES:
        error(one_call(aws, service))
    assert fault.struck == len(SERVICES)


def test_botocore_retries_through_a_short_throttling(aws):
    aws.inject("ListTrainingJobs", "throttled", times=2)
    patient = aws.client("sagemaker", config=Config(retries={"total_max_attempts": 3}))
    assert patient.list_training_jobs()
    assert [call.status for call in aws.log.calls("ListTrainingJobs")] == [400, 400, 200]


def test_a_fault_of_no_known_kind_is_refused(aws):
    with pytest.raises(ValueError, match="no-such-kind"):
        aws.inject("ListTrainingJobs", "no-such-kind")
