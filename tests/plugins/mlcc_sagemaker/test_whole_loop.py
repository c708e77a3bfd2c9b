"""From ``tune`` to ``undeploy``, over HTTP with the real clients, for every technique."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from tests.plugins.mlcc_sagemaker.conftest import BUCKET, PROMPT, QWEN, ROWS

pytestmark = pytest.mark.slow

pytest.importorskip("sagemaker.core")

ACCOUNT = "123456789012"
EVALUATOR = {"rlvr": ("--reward-function", ""), "rlaif": ("--reward-prompt", PROMPT)}

METRIC = {"rlvr": ("reward",), "rlaif": ("judge", "--judge", "base")}


@pytest.mark.parametrize("training_type", ["lora", "full-rank"])
@pytest.mark.parametrize("technique", ["sft", "dpo", "rlvr", "rlaif"])
def test_the_loop(mlcc, account, technique, training_type):
    lora = training_type == "lora"
    ran = tune(mlcc, account, technique, "--training-type", training_type)
    assert ran.code == 0, ran
    request = account.log.only("CreateTrainingJob").params
    assert_request(account, request, technique, lora)
    job = request["TrainingJobName"]
    assert account.jobs[job].status == "Completed"
    assert mlcc("deploy", "--yes").code == 0
    deploy_and_ask(mlcc, account, technique, job, lora)
    gone = mlcc("undeploy", "--yes")
    assert gone.code == 0, gone
    assert (account.components.components, account.serving.endpoints) == ({}, {})
    assert account.trap.hosts == []


def evaluator(account, technique):
    """The flag that names who scores replies, for the techniques that need one."""
    if technique not in EVALUATOR:
        return []
    flag, value = EVALUATOR[technique]
    return [flag, value or account.reward_arn]


def tune(mlcc, account, technique, *more):
    flags = evaluator(account, technique)
    return mlcc(
        *("tune", "--technique", technique, "--dataset", f"s3://data/{technique}.jsonl"),
        *("--epochs", "3", "--poll-interval", "0.01", *flags, *more),
    )


def assert_request(account, request, technique, lora=True, source=None):
    """Compare every member of a request, but for the job's name and what named it.

    Args:
        account: that got it.
        request: of ``CreateTrainingJob``.
        technique: of the job.
        lora: else full-rank.
        source: the model package that the job goes on from.
    """
    job = request["TrainingJobName"]
    assert job.startswith(f"demo-{technique}-")
    assert job.endswith("-1")
    hub = "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub"
    config = {
        "BaseModelArn": f"{hub}/Model/{QWEN}/1.0.0",
        "JobType": "FineTuning",
        "CustomizationTechnique": technique.upper(),
    }
    given = hyperparameters(account, technique, lora)
    if lora:
        config["Peft"] = "LORA"
    if technique in EVALUATOR:
        config["EvaluatorArn"] = (
            account.log.only("ImportHubContent").params
            and (request["ServerlessJobConfig"]["EvaluatorArn"])
        )
    if technique == "rlaif":
        given["judge_model_id"] = "bedrock/openai.gpt-oss-120b-1:0"
    group = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package-group/mlcc-demo"
    package = {"ModelPackageGroupArn": group}
    if source is not None:
        package["SourceModelPackageArn"] = source
    assert request == {
        "TrainingJobName": job,
        "RoleArn": account.role,
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": f"s3://data/{technique}.jsonl",
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/demo/tune/{technique}/"},
        "HyperParameters": given,
        "ServerlessJobConfig": config,
        "ModelPackageConfig": package,
        "Tags": [
            {"Key": "sagemaker-sdk:jumpstart-model-id", "Value": QWEN},
            {"Key": "sagemaker-sdk:jumpstart-hub-name", "Value": "SageMakerPublicHub"},
            {"Key": "mlcc:project", "Value": "demo"},
            {"Key": "mlcc:technique", "Value": technique},
        ],
    }


def hyperparameters(account, technique, lora, **changes):
    """Every hyperparameter of the published recipe, with those that were given."""
    from tests.aws_account.hub.recipes import Recipe

    engine = "verl" if technique in EVALUATOR else "llmft"
    specs = Recipe(technique.upper(), lora, engine).parameters()
    places = {"data_path", "validation_data_path", "output_path", "reward_lambda_arn"}
    if technique == "rlaif":
        places.add("judge_prompt_template")
    defaults = {name: str(spec["default"]) for name, spec in specs.items() if name not in places}
    return {**defaults, "max_epochs": "3", **changes}


def deploy_and_ask(mlcc, account, technique, job, lora):
    artifacts = f"s3://{BUCKET}/demo/tune/{technique}/{job}/output/model"
    kind = "ADAPTER" if lora else "MODEL"
    config = mlcc.config.read_text()
    assert f"export TUNE_{kind}_PATH_{technique.upper()}={artifacts}\n" in config
    assert f"export TUNE_JOB_NAME_{technique.upper()}={job}\n" in config
    assert f"export TUNE_OUTPUT_TYPE_LATEST={kind.lower()}\n" in config
    name = f"tuned-{technique}"
    words = ("adapter", "add") if lora else ("add-ic",)
    added = mlcc(*words, name, "--from-tune")
    assert added.code == 0, added
    component = account.components.components[name]
    specification = component["Specification"]
    if lora:
        assert specification.keys() == {"BaseInferenceComponentName", "Container"}
        assert_flat(account, specification["Container"]["ArtifactUrl"], artifacts)
        other = mlcc("add-ic", "whole", "--from-tune")
        assert other.code == 1
        assert "./do/adapter add whole --from-tune" in other.err
    else:
        other = mlcc("adapter", "add", "other", "--from-tune")
        assert other.code == 1
        assert "./do/add-ic other --from-tune" in other.err
    asked = mlcc("test", "--adapter" if lora else "--ic", name, "--prompt", "2 + 2 =")
    assert asked.code == 0, asked
    assert f"{name} says: 2 + 2 =" in asked.out
    assert "demo-endpoint-base says: 2 + 2 =" in asked.out
    rows = json.dumps(ROWS[technique]).replace("2 + 2", "3 + 1").encode()
    account.account.client("s3").put_object(Bucket="data", Key="asked.jsonl", Body=rows)
    by = METRIC.get(technique, ("exact_match",))
    compared = mlcc("evaluate", technique, "--dataset", "s3://data/asked.jsonl", "--metric", *by)
    assert compared.code == 0, compared
    assert f"{job} against base" in compared.out
    if technique in EVALUATOR:  # by name no run is known, and so no evaluator
        data = ("--technique", technique, "--dataset", "s3://data/asked.jsonl")
        compared = mlcc("evaluate", name, *data, "--metric", *METRIC["rlaif"])
        assert compared.code == 0, compared
    assert mlcc("adapter", "remove", name).code == 0
    assert name not in account.components.components
    if not lora:
        replaced = mlcc("deploy", "--force-ic", "--model-data", artifacts, "--yes")
        assert replaced.code == 0, replaced


def assert_flat(account, archive, artifacts):
    bucket, _, key = archive.removeprefix("s3://").partition("/")
    with tarfile.open(fileobj=io.BytesIO(account.objects(bucket, key)[key])) as packed:
        files = {member.name: packed.extractfile(member).read() for member in packed}
    prefix = artifacts.removeprefix(f"s3://{BUCKET}/") + "/checkpoints/hf/"
    stored = account.objects(BUCKET, prefix)
    assert files == {key.removeprefix(prefix): data for key, data in stored.items()}
    assert set(files) == {"adapter_config.json", "adapter_model.safetensors"}
