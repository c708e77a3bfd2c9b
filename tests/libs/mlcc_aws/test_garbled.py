"""Answers that are cut, empty or a proxy's page: read again, or told in one line."""

from __future__ import annotations

import gc

import pytest

from mlcc_aws.answers import READ_OPERATION, Garbled
from mlcc_aws.objects import read_object
from mlcc_aws.sessions import client, forget_credentials
from mlcc_core.errors import TransientError
from mlcc_sagemaker.aws.calls import aws_call

pytestmark = pytest.mark.slow

KINDS = ["cut", "truncated", "empty", "page"]
NAME = {"ModelPackageGroupName": "group"}
HUB = {"HubName": "SageMakerPublicHub", "HubContentType": "Model", "HubContentName": "x"}
CALLS = {
    "sagemaker:ListTrainingJobs": {},
    "sagemaker:CreateModelPackageGroup": NAME,
    "sts:GetCallerIdentity": {},
    "iam:ListRoles": {},
    "lambda:ListFunctions": {},
    "s3:ListBuckets": {},
    "cloudformation:DescribeStacks": {},
    "secretsmanager:ListSecrets": {},
    "logs:DescribeLogGroups": {},
}
"""A call in each wire format; those of ``sagemaker`` are the stand-in's, the others moto's."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("mlcc_aws.answers.WAITS", (0.0, 0.0))
    forget_credentials()


def ask(aws, call, **settings):
    service, _, operation = call.partition(":")
    made = client({**aws.environment, **settings}, service)
    names = {name: method for method, name in made.meta.method_to_api_mapping.items()}
    return getattr(made, names[operation])(**CALLS[call])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "call", [call for call in CALLS if READ_OPERATION.match(call.split(":")[1])]
)
def test_reading_is_tried_again(aws, call, kind):
    fault = aws.inject(call, kind, times=2)
    assert ask(aws, call)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert fault.struck == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", CALLS)
def test_what_stays_garbled_is_one_line(aws, call, kind):
    aws.inject(call, kind, times=None)
    with pytest.raises(TransientError, match=r"\ACannot look: [^\n]+\.\Z"), aws_call("look", call):
        ask(aws, call, AWS_MAX_ATTEMPTS="1")


@pytest.mark.parametrize("kind", KINDS[1:])
def test_what_changes_the_account_is_sent_once(aws, kind):
    fault = aws.inject("sagemaker:CreateModelPackageGroup", kind)
    with pytest.raises(Garbled, match="CreateModelPackageGroup"):
        ask(aws, "sagemaker:CreateModelPackageGroup")
    assert fault.struck == 1
    assert len(aws.log.calls("CreateModelPackageGroup")) == 1


def test_answers_that_have_no_body_are_good(aws):
    aws.bucket("data")
    s3 = client(aws.environment, "s3")
    s3.put_object(Bucket="data", Key="k", Body=b"<html>")
    assert s3.head_object(Bucket="data", Key="k")["ContentLength"] == 6
    s3.delete_object(Bucket="data", Key="k")
    client(aws.environment, "sagemaker").create_model_package_group(**NAME)
    client(aws.environment, "sagemaker").delete_model_package_group(**NAME)


def test_a_page_that_a_bucket_holds_is_an_object(aws):
    aws.bucket("data")
    s3 = client(aws.environment, "s3")
    s3.put_object(Bucket="data", Key="index.html", Body=b"<html>", ContentType="text/html")
    assert read_object(s3, "data", "index.html") == b"<html>"


@pytest.mark.parametrize("kind", ["cut", "page"])
@pytest.mark.parametrize("limit", [None, 100_001, 80_000])
def test_a_small_object_is_read_again(aws, kind, limit, monkeypatch):
    monkeypatch.setattr("mlcc_aws.objects.WAITS", (0.0, 0.0))
    aws.bucket("data", {"big": b"x" * 100_000})
    fault = aws.inject("s3:GetObject", kind, times=2)
    whole = read_object(client(aws.environment, "s3"), "data", "big", limit)
    assert (len(whole), fault.struck) == (min(100_000, limit or 100_000), 2)
    gc.collect()  # a connection that was left open would complain
