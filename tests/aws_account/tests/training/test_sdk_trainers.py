"""The SDK's own trainers, end to end: what they send is what is known of them."""

from __future__ import annotations

import json
import re

import pytest

from tests.aws_account.training import courses

pytest.importorskip("sagemaker.train")

pytestmark = [
    pytest.mark.slow,
    # The SDK uses deprecated modules of its own and a deprecated call of omegaconf.
    pytest.mark.filterwarnings("ignore:sagemaker.train.configs has been moved:DeprecationWarning"),
    pytest.mark.filterwarnings(r"ignore:register_new_resolver\(\) is deprecated:UserWarning"),
]

QWEN = "huggingface-reasoning-qwen3-06b"
PUBLIC = "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model"
LLAMA = "meta-textgeneration-llama-3-2-1b-instruct"
DATA = "s3://data/in/train.jsonl"
ROW = {"prompt": "a", "completion": "b"}
JUDGE = "openai.gpt-oss-20b-1:0"
CONSTRUCTOR = ["sagemaker:DescribeHubContent", "sagemaker:DescribeHubContent", "s3:GetObject"]
CHECKS = ["iam:SimulatePrincipalPolicy", "iam:GetRole"]
OUTPUT = ["sts:GetCallerIdentity", "s3:HeadBucket", "s3:ListObjectsV2", "s3:PutObject"]
RECIPE = ["sagemaker:DescribeHubContent", "s3:GetObject", "s3:HeadObject", "s3:GetObject"]
SUBMIT = ["sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob"]


@pytest.fixture
def account(aws, tmp_path, monkeypatch):
    """What a job needs; the SDK leaves a temporary file for every job."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    lines = (json.dumps(ROW) + "\n") * 5
    aws.bucket("data", {"in/train.jsonl": lines.encode()})
    aws.client("sagemaker").create_model_package_group(ModelPackageGroupName="group")
    aws.app = aws.mlflow.add_app("tracking", "data", aws.role)
    aws.log.clear()
    return aws


def trainer(account, technique, full=False, model=QWEN, **options):
    from sagemaker import train
    from sagemaker.train.common import TrainingType

    return getattr(train, f"{technique}Trainer")(
        model=model,
        training_type=TrainingType.FULL if full else TrainingType.LORA,
        model_package_group="group",
        mlflow_resource_arn=account.app,
        training_dataset=DATA,
        s3_output_path="s3://data/out/",
        role=account.role,
        **options,
    )


def sent(account):
    return dict(account.log.only("CreateTrainingJob").params)


def reward(calls):
    def handler(event, context):
        calls.append(event)
        rows = [{"id": row.get("id", ""), "aggregate_reward_score": 1.0} for row in event]
        return {"statusCode": 200, "body": json.dumps(rows)}

    return handler


@pytest.mark.parametrize("full", [False, True], ids=["lora", "full"])
@pytest.mark.parametrize("technique", ["SFT", "DPO"])
def test_tuning_on_examples(account, technique, full):
    trainer(account, technique, full).train(wait=False)
    assert account.log.names() == [
        *CONSTRUCTOR,
        *CHECKS,
        *OUTPUT,
        *RECIPE,
        "s3:GetObject",
        "sagemaker:DescribeModelPackageGroup",
        "s3:ListObjectsV2",
        *SUBMIT,
    ]
    assert_common(account, technique, full)


@pytest.mark.parametrize("full", [False, True], ids=["lora", "full"])
def test_rlaif(account, full):
    made = trainer(account, "RLAIF", full, reward_model_id=JUDGE, reward_prompt="Builtin.Summarize")
    made.train(wait=False)
    names = account.log.names()
    assert names[:-2] == [
        *CONSTRUCTOR,
        *CHECKS,
        *OUTPUT,
        "s3:GetObject",
        "sagemaker:DescribeModelPackageGroup",
        "s3:ListObjectsV2",
    ]
    request = assert_common(account, "RLAIF", full)
    assert request["HyperParameters"]["judge_model_id"] == f"bedrock/{JUDGE}"
    assert request["HyperParameters"]["judge_prompt_template"] == "summarize"


@pytest.mark.parametrize("full", [False, True], ids=["lora", "full"])
def test_rlvr_with_an_evaluator(account, full):
    calls = []
    arn = account.hubs.register("reward", account.functions.add("reward", reward(calls)))
    trainer(account, "RLVR", full, custom_reward_function=arn).train(wait=False)
    request = assert_common(account, "RLVR", full, EvaluatorArn=arn)
    assert request["HyperParameters"]["preset_reward_function"] == ""
    assert len(calls) == 1
    assert len(calls[0]) == 3
    assert "lambda:Invoke" in [call.name for call in account.log.writing()]


def test_an_evaluator_is_created_in_the_accounts_own_hub(account):
    """With a role and no domain it looks nothing else up."""
    from sagemaker.ai_registry.evaluator import Evaluator

    function = account.functions.add("reward", reward([]))
    made = Evaluator.create(
        name="reward",
        type="RewardFunction",
        source=function,
        role=account.role,
        domain_id="",
        wait=False,
    )
    written = [call.name for call in account.log.writing()]
    assert written == ["sagemaker:CreateHub", "sagemaker:ImportHubContent"]
    assert account.hubs.require(made.arn)["HubContentName"] == "reward"
    assert account.trap.hosts == []


def test_rlvr_with_a_preset(account):
    options = {"hyperparameters": {"preset_reward_function": "gsm8k"}}
    trainer(account, "RLVR", **options).train(wait=False)
    request = assert_common(account, "RLVR", full=False)
    assert request["HyperParameters"]["preset_reward_function"] == "gsm8k"


def assert_common(account, technique, full, **more):
    """The request is as every trainer sends it; returns it."""
    request = sent(account)
    assert set(request) == {
        "TrainingJobName",
        "RoleArn",
        "InputDataConfig",
        "OutputDataConfig",
        "HyperParameters",
        "ServerlessJobConfig",
        "ModelPackageConfig",
        "MlflowConfig",
        "Tags",
    }
    name = request["TrainingJobName"]
    assert re.fullmatch(rf"{QWEN}-{technique.lower()}-[0-9]{{14}}", name)
    assert request["ServerlessJobConfig"] == {
        "BaseModelArn": f"{PUBLIC}/{QWEN}/1.0.0",
        "JobType": "FineTuning",
        "CustomizationTechnique": technique,
        **({} if full else {"Peft": "LORA"}),
        **more,
    }
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": DATA,
        "S3DataDistributionType": "FullyReplicated",
    }
    assert request["InputDataConfig"] == [
        {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
    ]
    assert request["OutputDataConfig"] == {"S3OutputPath": "s3://data/out/"}
    group = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/group"
    assert request["ModelPackageConfig"] == {"ModelPackageGroupArn": group}
    assert request["MlflowConfig"] == {"MlflowResourceArn": account.app}
    assert {tag["Key"] for tag in request["Tags"]} == {
        "sagemaker-sdk:jumpstart-model-id",
        "sagemaker-sdk:jumpstart-hub-name",
    }
    values = request["HyperParameters"]
    assert all(isinstance(value, str) for value in values.values())
    assert ("lora_rank" in values) is not full
    assert not {"data_path", "output_path", "validation_data_path"} & set(values)
    assert account.trap.hosts == []
    return request


def test_a_gated_model_needs_its_licence_accepted(account):
    with pytest.raises(ValueError, match="EULA"):
        trainer(account, "SFT", model=LLAMA)
    trainer(account, "SFT", model=LLAMA, accept_eula=True).train(wait=False)
    assert sent(account)["ServerlessJobConfig"]["AcceptEula"] is True


def test_hyperparameters_are_held_to_the_published_ranges(account):
    made = trainer(account, "SFT")
    with pytest.raises(ValueError, match="lora_rank"):
        made.hyperparameters.lora_rank = 7
    with pytest.raises(ValueError, match="learning_rate"):
        made.hyperparameters.learning_rate = 1.0
    made.hyperparameters.max_epochs = 3
    made.train(wait=False)
    assert sent(account)["HyperParameters"]["max_epochs"] == "3"


def test_a_sequence_length_is_one_of_the_recipes(account):
    with pytest.raises(ValueError, match="16K"):
        trainer(account, "SFT", sequence_length="4K")
    trainer(account, "SFT", sequence_length="16K").train(wait=False)
    assert sent(account)["ServerlessJobConfig"]["SequenceLength"] == "16K"


def test_a_lost_answer_makes_the_sdk_meet_its_own_job(account):
    """botocore asks again, and the job is there already."""
    account.inject("CreateTrainingJob", "lost")
    with pytest.raises(Exception, match="ResourceInUse"):
        trainer(account, "SFT").train(wait=False)
    assert [call.error for call in account.log.calls("CreateTrainingJob")] == ["", "ResourceInUse"]
    assert len(account.jobs.all()) == 1


def test_a_tuned_package_is_trained_on(account):
    from sagemaker.core.resources import ModelPackage

    account.jobs.course = courses.at_once()
    first = trainer(account, "SFT").train(wait=False)
    first.refresh()
    account.log.clear()
    package = ModelPackage.get(first.output_model_package_arn)
    trainer(account, "DPO", model=package).train(wait=False)
    request = sent(account)
    assert request["ModelPackageConfig"]["SourceModelPackageArn"] == package.model_package_arn


def test_without_a_tracking_app_the_sdk_creates_one(account):
    """Its telltale calls: an app is created, and STS is asked at its fixed address."""
    account.mlflow.clear()
    account.app = None
    trainer(account, "SFT").train(wait=False)
    assert "sagemaker:ListMlflowApps" in account.log.names()
    assert any(host.startswith("sts.us-east-1.amazonaws.com") for host in account.trap.hosts)


def test_the_sdks_resources_read_what_boto3_does(account):
    from sagemaker.core.resources import HubContent, TrainingJob

    content = HubContent.get(
        hub_name="SageMakerPublicHub", hub_content_type="Model", hub_content_name=QWEN
    )
    assert json.loads(content.hub_content_document)["GatedBucket"] is False
    made = trainer(account, "SFT").train(wait=False)
    account.jobs[made.training_job_name].proceed()
    job = TrainingJob.get(made.training_job_name)
    assert job.training_job_status == "Completed"
    assert [one.training_job_name for one in TrainingJob.get_all()] == [made.training_job_name]


@pytest.mark.filterwarnings("ignore:Importing from sagemaker:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The 'dependencies' parameter:DeprecationWarning")
def test_the_sdk_deploys_what_it_trained(account, tmp_path, monkeypatch):
    """An endpoint, the base component, and the adapter on it."""
    from sagemaker.serve import ModelBuilder

    monkeypatch.chdir(tmp_path)
    defaults = tmp_path / "sagemaker-defaults.yaml"
    defaults.write_text(f"{defaults.read_text()}      Session:\n        DefaultS3Bucket: data\n")
    account.jobs.course = courses.at_once()
    job = trainer(account, "SFT").train(wait=False)
    job.refresh()
    account.log.clear()
    builder = ModelBuilder(model=job, role_arn=account.role, instance_type="ml.g5.2xlarge")
    builder.build(model_name="tuned")
    builder.deploy(endpoint_name="endpoint")
    assert [call.operation for call in account.log.calls("sagemaker:") if call.writes][:5] == [
        "CreateModel",
        "CreateEndpointConfig",
        "CreateEndpoint",
        "CreateInferenceComponent",
        "CreateInferenceComponent",
    ]
    base, adapter = account.log.calls("CreateInferenceComponent")
    assert adapter.params["Specification"] == {
        "BaseInferenceComponentName": base.params["InferenceComponentName"],
        "Container": {"ArtifactUrl": f"{account.jobs.all()[0].artifacts}/checkpoints/hf/"},
    }
