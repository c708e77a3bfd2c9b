"""A job does what its role may do."""

from __future__ import annotations

import json

import pytest

from tests.aws_account.training.job_requests import job_request, serverless, watch


@pytest.fixture
def sagemaker(aws):
    return aws.client("sagemaker")


@pytest.fixture
def request_(aws):
    return job_request(aws)


BESIDES = ["sagemaker:*", "logs:*", "cloudwatch:*", "ecr:*"]
"""What every role may do here; the tests are about the rest."""
OF_AWS = "arn:aws:s3:::jumpstart-cache-prod-us-east-1*"


def policy(*statements):
    rows = [
        {"Effect": "Allow", "Action": action, "Resource": resource}
        for action, resource in (*statements, (BESIDES, "*"), ("s3:*", OF_AWS))
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": rows})


READ = ("s3:ListBucket", "arn:aws:s3:::data"), ("s3:GetObject", "arn:aws:s3:::data/in/*")
WRITE = (("s3:PutObject", "arn:aws:s3:::data/out/*"),)


@pytest.mark.parametrize(
    ("statements", "outcome"),
    [
        ((*READ, *WRITE), ""),
        (WRITE, "s3:ListBucket on resource: arn:aws:s3:::data"),
        ((READ[0], *WRITE), "s3:GetObject on resource: arn:aws:s3:::data/in/train.jsonl"),
        (READ, "s3:PutObject on resource: arn:aws:s3:::data/out/job-1/output/model/"),
    ],
)
def test_a_job_does_what_its_role_may_do(aws, sagemaker, request_, statements, outcome):
    request_["RoleArn"] = aws.identity.add_role("lesser", policy(*statements))
    sagemaker.create_training_job(**request_)
    job = watch(sagemaker)[-1]
    assert job["TrainingJobStatus"] == ("Failed" if outcome else "Completed")
    assert outcome in job.get("FailureReason", "")


def test_a_role_that_may_not_run_the_reward_function_fails_the_job(aws, sagemaker, request_):
    function = aws.functions.add("reward", lambda event, context: None)
    request_["RoleArn"] = aws.identity.add_role("lesser", policy(*READ, *WRITE))
    sagemaker.create_training_job(
        **serverless(request_, CustomizationTechnique="RLVR", EvaluatorArn=function)
    )
    reason = watch(sagemaker)[-1]["FailureReason"]
    assert f"lambda:InvokeFunction on resource: {function}" in reason


@pytest.mark.parametrize(
    ("statements", "outcome"),
    [(READ, ""), (WRITE, "s3:ListBucket on resource: arn:aws:s3:::data")],
)
def test_weights_are_loaded_with_the_models_or_the_endpoints_role(
    aws, sagemaker, statements, outcome
):
    aws.bucket("data", {"in/model.tar.gz": b"weights", "in/adapter.tar.gz": b"weights"})
    aws.changes.looks = 0
    role = aws.identity.add_role("lesser", policy(*statements))
    variant = {"VariantName": "v", "InstanceType": "ml.g5.2xlarge", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[variant], ExecutionRoleArn=role
    )
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")

    def serve(name, specification, **more):
        sagemaker.create_inference_component(
            InferenceComponentName=name, EndpointName="e", Specification=specification, **more
        )
        return sagemaker.describe_inference_component(InferenceComponentName=name)

    def model(name, role):
        source = {"S3Uri": "s3://data/in/model.tar.gz", "S3DataType": "S3Object"}
        data = {"S3DataSource": {**source, "CompressionType": "Gzip"}}
        sagemaker.create_model(
            ModelName=name,
            PrimaryContainer={"Image": "image", "ModelDataSource": data},
            ExecutionRoleArn=role,
        )
        needs = {"NumberOfCpuCoresRequired": 1, "MinMemoryRequiredInMb": 1024}
        return {"ModelName": name, "ComputeResourceRequirements": needs}

    where = {"VariantName": "v", "RuntimeConfig": {"CopyCount": 1}}
    lesser = serve("lesser", model("lesser", role), **where)
    assert outcome in lesser.get("FailureReason", "")
    serve("base", model("base", aws.role), **where)
    url = {"ArtifactUrl": "s3://data/in/adapter.tar.gz"}
    adapter = serve("adapter", {"BaseInferenceComponentName": "base", "Container": url})
    for component in (lesser, adapter):
        status = component["InferenceComponentStatus"]
        assert status == ("Failed" if outcome else "InService")
    assert outcome in adapter.get("FailureReason", "")


PROMPT = "arn:aws:s3:::judges/clarity.txt"
JUDGE = "arn:aws:bedrock:us-east-1::foundation-model/openai.gpt-oss-120b-1:0"
SCORE = ("s3:GetObject", PROMPT), ("bedrock:InvokeModel*", JUDGE)


@pytest.mark.parametrize(
    ("statements", "outcome"),
    [
        (SCORE, ""),
        (SCORE[1:], f"s3:GetObject on resource: {PROMPT}"),
        (SCORE[:1], f"bedrock:InvokeModel on resource: {JUDGE}"),
    ],
)
def test_a_judge_reads_its_prompt_with_the_jobs_role(aws, sagemaker, request_, statements, outcome):
    aws.bucket("judges", {"clarity.txt": b"Score the clarity."})
    request_["RoleArn"] = aws.identity.add_role("lesser", policy(*READ, *WRITE, *statements))
    request_["HyperParameters"] = {"judge_model_id": "bedrock/openai.gpt-oss-120b-1:0"}
    evaluator = aws.hubs.register("clarity", "s3://judges/clarity.txt", "RewardPrompt")
    sagemaker.create_training_job(
        **serverless(request_, CustomizationTechnique="RLAIF", EvaluatorArn=evaluator)
    )
    job = watch(sagemaker)[-1]
    assert job["TrainingJobStatus"] == ("Failed" if outcome else "Completed")
    assert outcome in job.get("FailureReason", "")


def test_a_prompt_that_is_gone_fails_the_job(aws, sagemaker, request_):
    evaluator = aws.hubs.register("clarity", "s3://data/in/gone.txt", "RewardPrompt")
    sagemaker.create_training_job(
        **serverless(request_, CustomizationTechnique="RLAIF", EvaluatorArn=evaluator)
    )
    assert "s3://data/in/gone.txt does not exist" in watch(sagemaker)[-1]["FailureReason"]
