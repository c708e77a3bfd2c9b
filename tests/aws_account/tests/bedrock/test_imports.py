"""Bedrock's Custom Model Import through the real boto3: jobs, models, quotas, the runtime."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.aws_account.services.identity import TRUST
from tests.aws_account.training import outputs

SOURCE = "s3://weights/model/"


@pytest.fixture
def bedrock(aws):
    aws.bucket("weights")
    put(aws, outputs.full_model("tiny", "model/"))
    aws.importer = aws.identity.add_role(
        "Importer", trust=TRUST.replace("sagemaker.amazonaws.com", "bedrock.amazonaws.com")
    )
    return aws.client("bedrock")


def put(aws, files):
    for key, body in files.items():
        aws.account.client("s3").put_object(Bucket="weights", Key=key, Body=body)


def request(aws, job="import-1", model="tuned", **more):
    return {
        "jobName": job,
        "importedModelName": model,
        "roleArn": aws.importer,
        "modelDataSource": {"s3DataSource": {"s3Uri": SOURCE}},
        **more,
    }


def refused(step, **params):
    with pytest.raises(ClientError) as caught:
        step(**params)
    return caught.value.response["Error"]


def imported(aws, bedrock, **more):
    aws.imports.looks = 0
    arn = bedrock.create_model_import_job(**request(aws, **more))["jobArn"]
    return bedrock.get_model_import_job(jobIdentifier=arn)


def test_a_job_leaves_a_model_with_its_tags(aws, bedrock):
    tags = [{"key": "mlcc:project", "value": "demo"}]
    arn = bedrock.create_model_import_job(
        **request(aws, importedModelTags=tags, jobTags=tags, clientRequestToken="t-1")
    )["jobArn"]
    again = bedrock.create_model_import_job(**request(aws, clientRequestToken="t-1"))
    assert again["jobArn"] == arn
    seen = [bedrock.get_model_import_job(jobIdentifier="import-1")["status"] for _ in range(2)]
    assert seen == ["InProgress", "Completed"]
    model = bedrock.get_imported_model(modelIdentifier="tuned")
    assert model["modelArchitecture"] == "llama"
    assert bedrock.list_tags_for_resource(resourceARN=model["modelArn"])["tags"] == tags
    assert bedrock.list_tags_for_resource(resourceARN=arn)["tags"] == tags
    [row] = bedrock.list_imported_models(nameContains="tun")["modelSummaries"]
    assert row["modelArn"] == model["modelArn"]
    [row] = bedrock.list_model_import_jobs(statusEquals="Completed")["modelImportJobSummaries"]
    assert row["importedModelName"] == "tuned"
    bedrock.delete_imported_model(modelIdentifier="tuned")
    error = refused(bedrock.get_imported_model, modelIdentifier="tuned")
    assert error["Code"] == "ResourceNotFoundException"


def test_names_and_quotas(aws, bedrock):
    imported(aws, bedrock)
    step = bedrock.create_model_import_job
    assert refused(step, **request(aws, model="other"))["Code"] == "ConflictException"
    assert refused(step, **request(aws, job="import-2"))["Code"] == "ConflictException"
    aws.imports.most_models = 1
    error = refused(step, **request(aws, "import-2", "other"))
    assert error["Code"] == "ServiceQuotaExceededException"


def test_a_role_that_does_not_trust_bedrock(aws, bedrock):
    error = refused(bedrock.create_model_import_job, **{**request(aws), "roleArn": aws.role})
    assert error["Code"] == "ValidationException"


def test_jobs_that_fail(aws, bedrock):
    put(aws, {"model/config.json": json.dumps({"architectures": ["PhiForCausalLM"]}).encode()})
    assert "PhiForCausalLM" in imported(aws, bedrock)["failureMessage"]
    aws.imports.failure = "No capacity."
    assert imported(aws, bedrock, job="import-2")["failureMessage"] == "No capacity."
    put(aws, outputs.full_model("tiny", "model/"))
    aws.imports.failure = ""
    aws.identity.denied.add("s3:GetObject")
    assert "Access denied" in imported(aws, bedrock, job="import-3")["failureMessage"]


def test_the_model_is_asked_whole_and_streamed(aws, bedrock):
    arn = imported(aws, bedrock)["importedModelArn"]
    runtime = aws.client("bedrock-runtime")
    body = json.dumps({"messages": [{"role": "user", "content": "Hello"}]})
    aws.bedrock.cold = 1
    assert refused(runtime.invoke_model, modelId=arn, body=body)["Code"] == "ModelNotReadyException"
    answer = json.loads(runtime.invoke_model(modelId=arn, body=body)["body"].read())
    assert answer["choices"][0]["message"]["content"] == "tuned says: Hello"
    stream = runtime.invoke_model_with_response_stream(
        modelId=arn, body=json.dumps({**json.loads(body), "stream": True})
    )
    parts = [json.loads(event["chunk"]["bytes"]) for event in stream["body"]]
    said = [part["choices"][0]["delta"].get("content", "") for part in parts]
    assert "".join(said) == "tuned says: Hello"
    error = refused(runtime.invoke_model, modelId="tuned", body=body)
    assert error["Code"] == "ValidationException"
