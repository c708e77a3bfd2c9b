"""Every request of a caller with policies is held to them."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.aws_account.permissions.policies import Need, unused
from tests.aws_account.training.job_requests import job_request

A = "arn:aws:sagemaker:us-east-1:123456789012"
S3 = "arn:aws:s3:::data"


def policy(*allowed):
    rows = [{"Effect": "Allow", "Action": a, "Resource": r} for a, r in allowed]
    return {"Version": "2012-10-17", "Statement": rows}


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]


def test_an_administrator_needs_no_policy(aws):
    assert aws.client("sagemaker").list_training_jobs()["TrainingJobSummaries"] == []
    assert aws.caller.used == set()


def test_the_refusal_has_awss_words(aws):
    aws.caller.take(policy())
    error = refused(aws.client("sagemaker").describe_training_job, TrainingJobName="one")
    assert error == {
        "Code": "AccessDeniedException",
        "Message": "User: arn:aws:sts::123456789012:user/moto is not authorized to perform: "
        f"sagemaker:DescribeTrainingJob on resource: {A}:training-job/one because no "
        "identity-based policy allows the sagemaker:DescribeTrainingJob action",
    }
    deny = {"Effect": "Deny", "Action": "sagemaker:*", "Resource": "*"}
    aws.caller.take(policy(("*", "*")), {"Statement": deny})
    error = refused(aws.client("sagemaker").list_training_jobs)
    assert error["Message"].endswith("with an explicit deny in an identity-based policy")
    assert aws.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_a_job_takes_its_role_and_its_tags_besides(aws):
    job = f"{A}:training-job/job-1"
    request = job_request(aws) | {"Tags": [{"Key": "project", "Value": "demo"}]}
    sagemaker = aws.client("sagemaker")
    allowed = [
        ("sagemaker:CreateTrainingJob", job),
        ("iam:PassRole", aws.role),
        ("sagemaker:AddTags", job),
    ]
    for number, (action, _) in enumerate(allowed):
        aws.caller.take(policy(*allowed[:number]))
        assert (
            f"perform: {action} on" in refused(sagemaker.create_training_job, **request)["Message"]
        )
    assert aws.jobs.all() == []
    aws.caller.take(policy(*allowed))
    sagemaker.create_training_job(**request)
    passed = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    document = policy(*allowed)
    document["Statement"][1]["Condition"] = passed
    aws.caller.take(document)
    assert "iam:PassRole" in refused(sagemaker.create_training_job, **request)["Message"]


def test_every_required_resource_must_be_allowed(aws):
    sagemaker = aws.client("sagemaker")
    names = {"EndpointName": "e", "EndpointConfigName": "c"}
    aws.caller.take(policy(("sagemaker:CreateEndpoint", f"{A}:endpoint/*")))
    assert f"{A}:endpoint-config/c" in refused(sagemaker.create_endpoint, **names)["Message"]
    content = {"HubContentType": "Model", "HubContentName": "huggingface-reasoning-qwen3-06b"}
    public = "arn:aws:sagemaker:us-east-1:aws"
    aws.caller.take(policy(("sagemaker:DescribeHubContent", f"{public}:hub/SageMakerPublicHub")))
    error = refused(sagemaker.describe_hub_content, HubName="SageMakerPublicHub", **content)
    assert f"{public}:hub-content/SageMakerPublicHub/Model/hugging" in error["Message"]


def test_objects_take_other_actions_than_operations(aws):
    aws.bucket("data", {"in/a": b"1"})
    s3 = aws.client("s3")
    aws.caller.take(policy(("s3:PutObject", f"{S3}/*"), ("s3:ListBucket", S3)))
    s3.head_bucket(Bucket="data")
    s3.list_objects_v2(Bucket="data", Prefix="in/")
    assert (
        "s3:GetObject on resource: arn:aws:s3:::data/in/a"
        in (refused(s3.copy_object, Bucket="data", Key="b", CopySource="data/in/a")["Message"])
    )
    upload = s3.create_multipart_upload(Bucket="data", Key="c")["UploadId"]
    part = {"Bucket": "data", "Key": "c", "UploadId": upload}
    s3.upload_part(**part, PartNumber=1, Body=b"1")
    assert "s3:ListMultipartUploadParts" in refused(s3.list_parts, **part)["Message"]
    assert "s3:AbortMultipartUpload" in refused(s3.abort_multipart_upload, **part)["Message"]
    assert refused(s3.head_object, Bucket="data", Key="in/a")["Code"] == "403"
    assert {str(need) for need in aws.caller.used} == {
        "s3:ListBucket on resource: arn:aws:s3:::data",
        "s3:PutObject on resource: arn:aws:s3:::data/c",
    }


def test_who_may_not_list_a_bucket_does_not_learn_what_is_absent(aws):
    aws.bucket("data")
    s3 = aws.client("s3")
    aws.caller.take(policy(("s3:GetObject", f"{S3}/*")))
    assert "s3:ListBucket" in refused(s3.get_object, Bucket="data", Key="gone")["Message"]
    assert refused(s3.head_object, Bucket="data", Key="gone")["Code"] == "403"
    aws.caller.take(policy(("s3:GetObject", f"{S3}/*"), ("s3:ListBucket", S3)))
    assert refused(s3.head_object, Bucket="data", Key="gone")["Code"] == "404"
    assert Need("s3:ListBucket", S3) in aws.caller.used


def test_other_services(aws):
    aws.caller.take(policy())
    function = aws.functions.add("reward", lambda event, context: None)
    for service, call, arguments, need in (
        ("lambda", "invoke", {"FunctionName": function}, f"lambda:InvokeFunction on {function}"),
        ("logs", "describe_log_streams", {"logGroupName": "/aws/x"}, "log-group:/aws/x"),
        ("iam", "get_role", {"RoleName": "r"}, "iam:GetRole on arn:aws:iam::123456789012:role/r"),
        ("secretsmanager", "get_secret_value", {"SecretId": "mlcc/T"}, "secret:mlcc/T-"),
        ("pricing", "get_products", {"ServiceCode": "x"}, "pricing:GetProducts on *"),
        ("events", "put_rule", {"Name": "r", "EventPattern": "{}"}, "rule/r"),
    ):
        message = refused(getattr(aws.client(service), call), **arguments)["Message"]
        assert need in message.replace("resource: ", ""), message


def test_what_a_policy_has_too_much_is_found(aws):
    aws.bucket("data", {"in/a": b"1"})
    document = policy((["s3:GetObject", "s3:PutObject"], [f"{S3}/*", "arn:aws:s3:::other/*"]))
    document["Statement"][0]["Sid"] = "Data"
    aws.caller.take(json.dumps(document))
    aws.client("s3").get_object(Bucket="data", Key="in/a")
    assert unused(document, aws.caller.used) == ["Data: s3:PutObject", "Data: arn:aws:s3:::other/*"]
