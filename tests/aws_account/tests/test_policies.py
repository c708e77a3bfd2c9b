"""Policies are evaluated as IAM does."""

from __future__ import annotations

import pytest

from tests.aws_account.permissions.policies import Need, decide


def allow(action="s3:GetObject", resource="arn:aws:s3:::data/*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(*args, **more):
    return {**allow(*args, **more), "Effect": "Deny"}


READ = Need("s3:GetObject", "arn:aws:s3:::data/in/train.jsonl")


@pytest.mark.parametrize(
    ("statements", "decision"),
    [
        ([allow()], "allowed"),
        (allow(), "allowed"),
        ([], "implicitDeny"),
        ([allow(), deny("s3:*", "*")], "explicitDeny"),
        ([deny(), allow()], "explicitDeny"),
        ([allow(), deny(resource="arn:aws:s3:::data/out/*")], "allowed"),
        ([allow("S3:get*")], "allowed"),
        ([allow("s3:Get?bject")], "allowed"),
        ([allow("*", "*")], "allowed"),
        ([allow(["s3:PutObject", "s3:GetObject"], ["arn:aws:s3:::a/*", "arn:*"])], "allowed"),
        ([allow("s3:GetObjectTagging")], "implicitDeny"),
        ([allow("s3:GetObjec")], "implicitDeny"),
        ([allow(resource="arn:aws:s3:::data")], "implicitDeny"),
        ([allow(resource="arn:aws:s3:::DATA/*")], "implicitDeny"),
        ([allow(resource="arn:aws:s3:::data/[i]n/*")], "implicitDeny"),
        ([{"Effect": "Allow", "NotAction": "s3:Put*", "Resource": "*"}], "allowed"),
        ([{"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}], "implicitDeny"),
        (
            [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::data/*"}],
            "implicitDeny",
        ),
    ],
)
def test_actions_and_resources(statements, decision):
    assert decide([{"Statement": statements}], READ) == decision


def test_several_policies_add_up_and_one_deny_is_enough():
    assert decide([{"Statement": []}, {"Statement": [allow()]}], READ) == "allowed"
    assert decide([{"Statement": [deny()]}, {"Statement": [allow()]}], READ) == "explicitDeny"


SAGEMAKER = {"iam:PassedToService": "sagemaker.amazonaws.com"}


@pytest.mark.parametrize(
    ("condition", "context", "holds"),
    [
        ({"StringEquals": {"iam:passedtoservice": "sagemaker.amazonaws.com"}}, SAGEMAKER, True),
        ({"StringEquals": {"iam:PassedToService": ["ec2", "sagemaker"]}}, SAGEMAKER, False),
        ({"StringLike": {"iam:PassedToService": ["ec2*", "sagemaker*"]}}, SAGEMAKER, True),
        ({"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}, {}, False),
        ({"StringEqualsIfExists": {"iam:PassedToService": "other"}}, {}, True),
        ({"StringEqualsIfExists": {"iam:PassedToService": "other"}}, SAGEMAKER, False),
        ({"StringNotEquals": {"iam:PassedToService": "other"}}, {}, True),
        ({"StringNotLike": {"iam:PassedToService": "sage*"}}, SAGEMAKER, False),
        ({"Null": {"iam:PassedToService": "true"}}, {}, True),
        ({"Null": {"iam:PassedToService": "true"}}, SAGEMAKER, False),
        ({"Bool": {"aws:SecureTransport": False}}, {"aws:SecureTransport": "false"}, True),
        (
            {"StringLike": {"iam:PassedToService": "*"}, "Bool": {"aws:MultiFactorAuth": "true"}},
            SAGEMAKER,
            False,
        ),
    ],
)
def test_conditions(condition, context, holds):
    need = Need("iam:PassRole", "arn:aws:iam::1:role/r", context)
    statement = allow("iam:PassRole", "*", Condition=condition)
    assert (decide([{"Statement": [statement]}], need) == "allowed") is holds


def test_a_condition_that_is_not_evaluated_here_is_told():
    statement = allow(Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01"}})
    need = Need(READ.action, READ.resource, {"aws:CurrentTime": "now"})
    with pytest.raises(NotImplementedError, match="DateLessThan"):
        decide([{"Statement": [statement]}], need)
