"""Training jobs as boto3 sees them."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.aws_account.training import courses
from tests.aws_account.training.courses import Stage
from tests.aws_account.training.job_requests import (
    BASE,
    LLAMA,
    QWEN,
    job_request,
    serverless,
    watch,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def sagemaker(aws):
    return aws.client("sagemaker")


@pytest.fixture
def request_(aws):
    return job_request(aws)


def refused(call, **params):
    with pytest.raises(ClientError) as raised:
        call(**params)
    return raised.value.response["Error"]


def test_a_job_moves_on_with_every_look(sagemaker, request_):
    arn = sagemaker.create_training_job(**request_)["TrainingJobArn"]
    seen = watch(sagemaker)
    states = list(dict.fromkeys(job["SecondaryStatus"] for job in seen))
    assert states == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert arn == seen[0]["TrainingJobArn"]
    steps = [job.get("ProgressInfo", {}).get("CurrentStep") for job in seen]
    assert steps == [None, None, None, 2, 4, 2, 4, 4, 4]
    transitions = seen[-1]["SecondaryStatusTransitions"]
    assert [one["Status"] for one in transitions] == states
    assert all(one["EndTime"] >= one["StartTime"] for one in transitions)


def test_a_completed_job_has_artifacts_a_package_and_its_tokens(aws, sagemaker, request_):
    sagemaker.create_training_job(**request_)
    job = watch(sagemaker)[-1]
    output = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert output == "s3://data/out/job-1/output/model"
    files = aws.objects("data", "out/job-1/output/model/checkpoints/")
    assert {key.split("/")[-2] for key in files} == {"hf"}
    assert job["BillableTokenCount"] > 0
    package = sagemaker.describe_model_package(ModelPackageName=job["OutputModelPackageArn"])
    container = package["InferenceSpecification"]["Containers"][0]
    assert container["ModelDataSource"]["S3DataSource"]["S3Uri"] == f"{output}/"
    assert container["BaseModel"]["HubContentName"] == QWEN


@pytest.mark.parametrize(
    ("peft", "merge", "folders"),
    [
        ("LORA", "False", {"hf"}),
        ("LORA", "True", {"hf", "hf_merged"}),
        (None, "False", {"hf_merged"}),
    ],
)
def test_what_a_job_leaves_depends_on_its_training_type(
    aws, sagemaker, request_, peft, merge, folders
):
    request_["HyperParameters"]["merge_weights"] = merge
    aws.jobs.course = courses.at_once()
    sagemaker.create_training_job(**serverless(request_, Peft=peft))
    watch(sagemaker)
    files = aws.objects("data", "out/")
    assert {key.split("/")[-2] for key in files} == folders


def test_artifacts_are_real_safetensors(aws, sagemaker, request_, tmp_path):
    safetensors = pytest.importorskip("safetensors")
    aws.jobs.course = courses.at_once()
    sagemaker.create_training_job(**request_)
    watch(sagemaker)
    key = "out/job-1/output/model/checkpoints/hf/adapter_model.safetensors"
    path = tmp_path / "adapter.safetensors"
    path.write_bytes(aws.objects("data", key)[key])
    with safetensors.safe_open(path, "numpy") as opened:
        assert len(opened.keys()) == 2


def test_a_job_at_once_is_completed_at_the_first_look(aws, sagemaker, request_):
    aws.jobs.course = courses.at_once()
    sagemaker.create_training_job(**request_)
    assert len(watch(sagemaker)) == 1


def test_a_job_fails_where_its_course_says(aws, sagemaker, request_):
    aws.jobs.course = courses.fails("AlgorithmError: out of memory", during="Training")
    sagemaker.create_training_job(**request_)
    job = watch(sagemaker)[-1]
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: out of memory"
    assert "OutputModelPackageArn" not in job
    assert aws.objects("data", "out/") == {}


def test_a_job_without_data_fails_in_downloading(aws, sagemaker, request_):
    aws.account.client("s3").delete_object(Bucket="data", Key="in/train.jsonl")
    sagemaker.create_training_job(**request_)
    job = watch(sagemaker)[-1]
    assert job["TrainingJobStatus"] == "Failed"
    assert "s3://data/in/train.jsonl" in job["FailureReason"]


def test_a_job_without_a_bucket_for_its_output_fails(sagemaker, request_):
    request_["OutputDataConfig"] = {"S3OutputPath": "s3://nowhere/out"}
    sagemaker.create_training_job(**request_)
    job = watch(sagemaker)[-1]
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert "NoSuchBucket" in job["FailureReason"]


def test_a_job_runs_on_until_the_test_lets_it_proceed(aws, sagemaker, request_):
    aws.jobs.course = courses.runs_on()
    sagemaker.create_training_job(**request_)
    with pytest.raises(AssertionError, match="still Training"):
        watch(sagemaker)
    aws.jobs["job-1"].proceed()
    assert watch(sagemaker)[-1]["TrainingJobStatus"] == "Completed"


def test_a_stage_may_go_by_the_clock(aws, sagemaker, request_):
    aws.jobs.course = (Stage("Training", seconds=60), courses.COMPLETED)
    sagemaker.create_training_job(**request_)
    with pytest.raises(AssertionError, match="still Training"):
        watch(sagemaker)
    aws.clock.forward(61)
    job = watch(sagemaker)[0]
    assert job["TrainingJobStatus"] == "Completed"
    assert job["TrainingTimeInSeconds"] >= 60


def test_a_stopped_job_is_stopping_first(sagemaker, aws, request_):
    aws.jobs.course = courses.runs_on()
    sagemaker.create_training_job(**request_)
    sagemaker.stop_training_job(TrainingJobName="job-1")
    assert [job["TrainingJobStatus"] for job in watch(sagemaker)] == ["Stopping", "Stopped"]
    error = refused(sagemaker.stop_training_job, TrainingJobName="job-1")
    assert error["Code"] == "ValidationException"
    sagemaker.delete_training_job(TrainingJobName="job-1")
    error = refused(sagemaker.describe_training_job, TrainingJobName="job-1")
    assert error == {
        "Code": "ValidationException",
        "Message": "Requested resource not found.",
    }


def test_a_name_is_used_once(sagemaker, request_):
    sagemaker.create_training_job(**request_)
    assert refused(sagemaker.create_training_job, **request_)["Code"] == "ResourceInUse"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"BaseModelArn": f"{BASE}/no-such-model/1.0.0"}, "no-such-model"),
        ({"CustomizationTechnique": "RLVR"}, "EvaluatorArn"),
        ({"SequenceLength": "32K"}, "32K"),
        ({"BaseModelArn": f"{BASE}/{LLAMA}/1.0.0"}, "AcceptEula"),
        ({"BaseModelArn": f"{BASE}/openai-reasoning-gpt-oss-120b/1.0.0", "Peft": None}, "support"),
    ],
)
def test_a_job_that_no_recipe_fits_is_refused(sagemaker, request_, changes, words):
    error = refused(sagemaker.create_training_job, **serverless(request_, **changes))
    assert words in error["Message"]


def test_a_gated_model_trains_once_its_licence_is_accepted(sagemaker, request_):
    accepted = serverless(request_, BaseModelArn=f"{BASE}/{LLAMA}/1.0.0", AcceptEula=True)
    assert sagemaker.create_training_job(**accepted)["TrainingJobArn"]


def test_a_role_that_does_not_exist_is_refused(sagemaker, request_):
    request_["RoleArn"] = "arn:aws:iam::123456789012:role/Nobody"
    assert "Could not assume role" in refused(sagemaker.create_training_job, **request_)["Message"]


def test_lists_come_in_pages_sorted_and_filtered_after_the_page(aws, sagemaker, request_):
    aws.jobs.course = courses.runs_on()
    for number in range(5):
        sagemaker.create_training_job(**{**request_, "TrainingJobName": f"job-{number}"})
    aws.jobs["job-0"].proceed(courses.COMPLETED)
    order = {"SortBy": "CreationTime", "SortOrder": "Ascending"}
    pages = [
        [row["TrainingJobName"] for row in page["TrainingJobSummaries"]]
        for page in sagemaker.get_paginator("list_training_jobs").paginate(MaxResults=2, **order)
    ]
    assert pages == [["job-0", "job-1"], ["job-2", "job-3"], ["job-4"]]
    first = sagemaker.list_training_jobs(MaxResults=2, StatusEquals="Completed")
    assert first["TrainingJobSummaries"] == []
    assert first["NextToken"]
    named = sagemaker.list_training_jobs(NameContains="job-3")["TrainingJobSummaries"]
    assert [row["TrainingJobName"] for row in named] == ["job-3"]


def test_tags_of_a_job_can_be_listed(sagemaker, request_):
    request_["Tags"] = [{"Key": "plan", "Value": "abc"}]
    arn = sagemaker.create_training_job(**request_)["TrainingJobArn"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == request_["Tags"]


def test_a_job_writes_to_its_log_stream(aws, sagemaker, request_):
    aws.jobs.course = courses.at_once()
    sagemaker.create_training_job(**request_)
    watch(sagemaker)
    events = aws.client("logs").filter_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="job-1/"
    )["events"]
    assert events


def test_mlflow_details_appear_with_training(aws, sagemaker, request_):
    app = aws.mlflow.add_app("tracking", "data", aws.role)
    request_["MlflowConfig"] = {"MlflowResourceArn": app}
    sagemaker.create_training_job(**request_)
    seen = watch(sagemaker)
    assert "MlflowDetails" not in seen[0]
    assert seen[-1]["MlflowDetails"]["MlflowRunId"]
