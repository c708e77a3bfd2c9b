"""Evaluation jobs, judges, pipelines and lineage as boto3 sees them."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.aws_account.services.foundations import JUDGES_KEY, NOVA, RETIRED
from tests.aws_account.training import courses
from tests.aws_account.training.job_requests import LLAMA, job_request, serverless, watch

pytestmark = pytest.mark.slow

BENCHMARK = {"task": "mmlu", "strategy": "zs_cot", "evaluation_metric": "accuracy"}
SCORER = {"task": "gen_qa", "preset_reward_function": "prime_math"}


@pytest.fixture
def sagemaker(aws):
    aws.jobs.course = courses.at_once()
    return aws.client("sagemaker")


@pytest.fixture
def request_(aws):
    """A benchmark of a base model."""
    made = job_request(aws)
    for name in ("InputDataConfig", "ModelPackageConfig"):
        made.pop(name)
    made["OutputDataConfig"] = {"S3OutputPath": "s3://data/out", "CompressionType": "NONE"}
    made["HyperParameters"] = BENCHMARK
    config = {"JobType": "Evaluation", "EvaluationType": "BenchmarkEvaluation"}
    return serverless(made, **config, CustomizationTechnique=None, Peft=None)


def refused(sagemaker, request):
    with pytest.raises(ClientError) as raised:
        sagemaker.create_training_job(**request)
    return raised.value.response["Error"]["Message"]


def data(uri="s3://data/in/train.jsonl"):
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}
    return [{"ChannelName": "train", "DataSource": source}]


def test_a_benchmark_leaves_its_numbers_and_no_package(aws, sagemaker, request_):
    sagemaker.create_training_job(**request_)
    job = watch(sagemaker)[-1]
    assert job["TrainingJobStatus"] == "Completed"
    assert "OutputModelPackageArn" not in job
    ((key, body),) = aws.objects("data", "out/").items()
    assert key.startswith("out/job-1/output/output/None/eval_results/results_")
    numbers = {"accuracy": 0.5, "accuracy_stderr": 0.02}
    assert json.loads(body)["results"] == {"custom|mmlu_zs_cot|0": numbers, "all": numbers}


def test_a_scorer_leaves_its_numbers_and_the_replies(aws, sagemaker, request_):
    aws.evaluations.replies = lambda job, row: "b"
    request = serverless(request_, EvaluationType="CustomScorerEvaluation")
    sagemaker.create_training_job(
        **request | {"HyperParameters": SCORER, "InputDataConfig": data()}
    )
    assert watch(sagemaker)[-1]["TrainingJobStatus"] == "Completed"
    replies, results = aws.objects("data", "out/").values()
    assert json.loads(replies) == {
        "prompt": "[{'role': 'user', 'content': 'a'}]",
        "inference": "b",
        "gold": "b",
    }
    numbers = json.loads(results)["results"]["custom|gen_qa_gen_qa|0"]
    assert numbers["prime_math"] == numbers["em"] == 1


@pytest.mark.parametrize(
    ("changes", "given", "why"),
    [
        ({"EvaluationType": None}, BENCHMARK, "EvaluationType is required"),
        ({}, {"task": "chess"}, "Unknown task 'chess'"),
        ({}, {"task": "inference_only"}, "InputDataConfig is required"),
        ({"EvaluationType": "CustomScorerEvaluation"}, SCORER, "InputDataConfig is required"),
        ({"EvaluationType": "LLMAJEvaluation"}, {}, "requires the hyperparameters judge_model_id"),
        ({"BaseModelArn": "hub/Model/none/1.0.0"}, BENCHMARK, "none"),
        ({"BaseModelArn": f"hub/Model/{LLAMA}/1.0.0"}, BENCHMARK, "AcceptEula must be true"),
        ({"EvaluatorArn": "hub/JsonDoc/none/1.0.0"}, BENCHMARK, "none"),
    ],
)
def test_what_is_refused(sagemaker, request_, changes, given, why):
    hub = "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub"
    changes = {name: value and value.replace("hub", hub, 1) for name, value in changes.items()}
    request = serverless(request_, **changes)
    assert why in refused(sagemaker, request | {"HyperParameters": given})


def test_what_is_refused_of_data_and_packages(sagemaker, request_):
    request = serverless(request_, EvaluationType="CustomScorerEvaluation")
    request |= {"InputDataConfig": data(), "HyperParameters": {"task": "gen_qa"}}
    assert "requires EvaluatorArn" in refused(sagemaker, request)
    output = {"S3OutputPath": "s3://data/out"}
    assert "must be NONE" in refused(sagemaker, request_ | {"OutputDataConfig": output})
    account = "arn:aws:sagemaker:us-east-1:123456789012"
    package = {
        "ModelPackageGroupArn": f"{account}:model-package-group/group",
        "SourceModelPackageArn": f"{account}:model-package/group/7",
    }
    assert "does not exist" in refused(sagemaker, request_ | {"ModelPackageConfig": package})


def test_data_and_replies_that_are_not_there_fail_the_job(sagemaker, request_):
    request = serverless(request_, EvaluationType="CustomScorerEvaluation")
    request |= {"HyperParameters": SCORER, "InputDataConfig": data("s3://data/nothing")}
    sagemaker.create_training_job(**request)
    assert "matched no files" in watch(sagemaker)[-1]["FailureReason"]
    request = serverless(request_, EvaluationType="LLMAJEvaluation")
    given = {
        "judge_model_id": NOVA,
        "inference_data_s3_path": "s3://data/nothing.jsonl",
        "output_path": "s3://data/out",
        "llmaj_metrics": "[]",
    }
    request |= {"TrainingJobName": "job-2", "HyperParameters": given}
    sagemaker.create_training_job(**request)
    reason = watch(sagemaker, "job-2")[-1]["FailureReason"]
    assert reason == "ClientError: s3://data/nothing.jsonl does not exist"


def test_judges_have_a_list_and_a_lifecycle(aws):
    body = aws.objects("jumpstart-cache-prod-us-east-1", JUDGES_KEY)[JUDGES_KEY]
    listed = [entry["model_id"] for entry in json.loads(body)["supported_judge_models"]]
    assert {NOVA, RETIRED} <= set(listed)
    bedrock = aws.client("bedrock")
    details = bedrock.get_foundation_model(modelIdentifier=RETIRED)["modelDetails"]
    assert details["modelId"] == RETIRED
    assert details["modelLifecycle"]["endOfLifeTime"].year == 2026
    assert (
        "endOfLifeTime"
        not in (
            bedrock.get_foundation_model(modelIdentifier=NOVA)["modelDetails"]["modelLifecycle"]
        )
    )
    with pytest.raises(bedrock.exceptions.ResourceNotFoundException):
        bedrock.get_foundation_model(modelIdentifier="amazon.none-v1:0")


def test_pipelines_and_artifacts_are_kept(aws, sagemaker):
    made = sagemaker.create_pipeline(
        PipelineName="pipeline",
        PipelineDefinition="{}",
        ClientRequestToken="t" * 32,
        RoleArn=aws.role,
    )
    assert sagemaker.describe_pipeline(PipelineName="pipeline")["PipelineDefinition"] == "{}"
    listed = sagemaker.list_pipelines(PipelineNamePrefix="pipe")["PipelineSummaries"]
    assert [one["PipelineArn"] for one in listed] == [made["PipelineArn"]]
    run = sagemaker.start_pipeline_execution(PipelineName="pipeline", ClientRequestToken="u" * 32)
    arn = run["PipelineExecutionArn"]
    told = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert told["PipelineExecutionStatus"] == "Executing"
    made = sagemaker.create_artifact(ArtifactType="Model", Source={"SourceUri": "s3://a"})
    artifact = {"ArtifactArn": made["ArtifactArn"]}
    assert sagemaker.describe_artifact(**artifact)["ArtifactType"] == "Model"
    for uri, found in (("s3://a", [artifact["ArtifactArn"]]), ("s3://b", [])):
        rows = sagemaker.list_artifacts(SourceUri=uri)["ArtifactSummaries"]
        assert [row["ArtifactArn"] for row in rows] == found
    for call, name in (
        (sagemaker.describe_pipeline, {"PipelineName": "none"}),
        (sagemaker.describe_artifact, {"ArtifactArn": artifact["ArtifactArn"][:-1] + "9"}),
        (sagemaker.describe_pipeline_execution, {"PipelineExecutionArn": arn[:-1] + "9"}),
    ):
        with pytest.raises(ClientError, match="does not exist"):
            call(**name)
