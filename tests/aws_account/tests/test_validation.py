"""Requests are held to botocore's service model, and understood in every wire format."""

from __future__ import annotations

import http.client
import json

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.aws_account.door import shapes

RAW = Config(parameter_validation=False, retries={"total_max_attempts": 1})


def send(aws, operation, document):
    """A SageMaker request past boto3's own checks."""
    address = aws.endpoint.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=10)
    scope = "AKIAIOSFODNN7EXAMPLE/20300101/us-east-1/sagemaker/aws4_request"
    headers = {
        "X-Amz-Target": f"SageMaker.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
    }
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    connection.request("POST", "/", body, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text or b"{}")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "at 'trainingJobName' failed to satisfy constraint: Member must not be null"),
        ({"TrainingJobName": "a.b"}, "regular expression pattern"),
        ({"TrainingJobName": "a" * 64}, "length less than or equal to 63"),
        ({"TrainingJobName": 3}, "must be of type string"),
        ({"TrainingJobName": "a", "JobName": "b"}, "Unknown member 'JobName'"),
        (["a"], "not a JSON object"),
        (b"{", "not JSON"),
    ],
)
def test_wrong_shapes_are_refused(aws, document, words):
    status, answer = send(aws, "DescribeTrainingJob", document)
    assert (status, answer["__type"]) == (400, "ValidationException")
    assert words in answer["message"]


def test_all_violations_are_told_at_once(aws):
    status, answer = send(
        aws,
        "CreateTrainingJob",
        {
            "TrainingJobName": "-",
            "RoleArn": "role",
            "HyperParameters": {"lora_rank": 8, "long": "x" * 3000},
            "OutputDataConfig": {"S3OutputPath": "out"},
            "ServerlessJobConfig": {
                "BaseModelArn": "arn",
                "JobType": "Tuning",
                "CustomizationTechnique": "CPT",
                "Peft": "FULL",
            },
            "InputDataConfig": [],
            "Tags": [{"Key": "k"}],
        },
    )
    assert status == 400
    for path in (
        "trainingJobName",
        "roleArn",
        "hyperParameters.lora_rank.value",
        "hyperParameters.long.value",
        "outputDataConfig.s3OutputPath",
        "serverlessJobConfig.baseModelArn",
        "serverlessJobConfig.jobType",
        "serverlessJobConfig.customizationTechnique",
        "serverlessJobConfig.peft",
        "inputDataConfig",
        "tags.1.member.value",
    ):
        assert f"at '{path}'" in answer["message"], path


def test_what_boto3_would_send_unchecked_is_refused_too(aws):
    sagemaker = aws.client("sagemaker", config=RAW)
    with pytest.raises(ClientError, match=r"maxResults.*less than or equal to 100"):
        sagemaker.list_training_jobs(MaxResults=1000)
    with pytest.raises(ClientError, match=r"sortOrder.*enum"):
        sagemaker.list_training_jobs(SortOrder="Upwards")
    with pytest.raises(ClientError, match="ValidationError"):
        aws.client("iam", config=RAW).get_role(RoleName="no spaces")
    assert aws.log.calls("iam:GetRole")[0].error == "ValidationError"


def test_an_operation_that_is_not_served_says_so(aws):
    with pytest.raises(ClientError, match="ListAlgorithms is not served here"):
        aws.client("sagemaker").list_algorithms()


def test_an_operation_that_no_model_knows_is_refused(aws):
    status, answer = send(aws, "TrainMyModel", {})
    assert (status, answer["__type"]) == (404, "UnknownOperationException")


def test_a_request_of_a_region_and_client_is_logged(aws):
    sagemaker = aws.client("sagemaker", config=Config(user_agent_extra="tool/1.0"))
    sagemaker.list_training_jobs(NameContains="abc")
    call = aws.log.only("sagemaker:ListTrainingJobs")
    assert call.params == {"NameContains": "abc"}
    assert call.user_agent.startswith("Boto3/")
    assert call.user_agent.endswith("tool/1.0")
    assert (call.region, call.access_key) == ("us-east-1", "AKIAIOSFODNN7EXAMPLE")
    assert (call.status, call.error) == (200, "")


def test_the_log_tells_writing_from_reading(aws):
    s3, sagemaker = aws.client("s3"), aws.client("sagemaker")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="key", Body=b"body", ServerSideEncryption="AES256")
    s3.head_object(Bucket="data", Key="key")
    s3.get_object(Bucket="data", Key="key", Range="bytes=0-1")
    s3.list_objects_v2(Bucket="data", Prefix="k")
    sagemaker.list_hubs()
    aws.client("sts").get_caller_identity()
    assert [call.name for call in aws.log.writing()] == ["s3:CreateBucket", "s3:PutObject"]
    put = aws.log.only("s3:PutObject").params
    assert (put["Bucket"], put["Key"], put["ServerSideEncryption"]) == ("data", "key", "AES256")
    assert put["Body"] == "<4 bytes>"
    assert aws.log.only("s3:GetObject").params["Range"] == "bytes=0-1"
    assert [c.name for c in aws.log.calls("sagemaker:")] == ["sagemaker:ListHubs"]


def test_s3_operations_that_share_a_path_are_told_apart(aws):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="data")
    upload = s3.create_multipart_upload(Bucket="data", Key="a/b c")["UploadId"]
    part = s3.upload_part(Bucket="data", Key="a/b c", UploadId=upload, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.list_parts(Bucket="data", Key="a/b c", UploadId=upload)
    s3.list_multipart_uploads(Bucket="data")
    s3.complete_multipart_upload(Bucket="data", Key="a/b c", UploadId=upload, MultipartUpload=parts)
    s3.copy_object(Bucket="data", Key="copy", CopySource={"Bucket": "data", "Key": "a/b c"})
    s3.delete_objects(Bucket="data", Delete={"Objects": [{"Key": "copy"}]})
    s3.get_bucket_location(Bucket="data")
    assert aws.log.names() == [
        "s3:CreateBucket",
        "s3:CreateMultipartUpload",
        "s3:UploadPart",
        "s3:ListParts",
        "s3:ListMultipartUploads",
        "s3:CompleteMultipartUpload",
        "s3:CopyObject",
        "s3:DeleteObjects",
        "s3:GetBucketLocation",
    ]
    assert aws.objects("data") == {"a/b c": b"x"}


def test_a_presigned_url_is_understood(aws):
    import urllib.request

    aws.bucket("data", {"key": b"body"})
    s3 = aws.client("s3", config=Config(signature_version="s3v4"))
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "data", "Key": "key"})
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.read() == b"body"
    assert aws.log.only("s3:GetObject").access_key == "AKIAIOSFODNN7EXAMPLE"


def test_an_unsigned_read_of_s3_is_understood(aws):
    aws.bucket("data", {"key": b"body"})
    s3 = aws.client("s3", config=Config(signature_version=UNSIGNED))
    with pytest.raises(ClientError, match="403"):
        s3.get_object(Bucket="data", Key="key")
    assert aws.log.only("s3:GetObject").access_key == ""


def test_a_pattern_with_unicode_classes_is_read(aws):
    from botocore.session import get_session

    shape = get_session().get_service_model("sagemaker").shape_for("TagValue")
    assert shapes.violations(shape, "Überprüfung: a=b @1") == []
    assert shapes.violations(shape, "a\nb!")


def test_nearly_every_pattern_of_the_models_is_read():
    from botocore.session import get_session

    unread = set()
    for name in ("sagemaker", "sagemaker-runtime", "iam", "sts", "cloudformation", "logs"):
        model = get_session().get_service_model(name)
        for shape in map(model.shape_for, model.shape_names):
            pattern = shape.metadata.get("pattern")
            if pattern and shapes.readable(pattern) is shapes.ANYTHING:
                unread.add(shape.name)
    assert unread <= {
        "AthenaCatalog",
        "AthenaDatabase",
        "Catalog",
        "CustomAttributesHeader",
        "CustomerMetadataKey",
        "CustomerMetadataValue",
        "Database",
        "Header",
        "InferenceId",
        "PrefixAwareIdHeader",
        "ResourceType",
        "TableName",
        "TargetModelHeader",
        "TrainingRepositoryCredentialsProviderArn",
    }
