"""From ``tune`` to ``test``, over HTTP with the real clients, for every technique."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, PROMPT, QWEN, ROWS

pytestmark = pytest.mark.slow

pytest.importorskip("sagemaker.core")

ACCOUNT = "123456789012"
EVALUATOR = {"rlvr": ("--reward-function", ""), "rlaif": ("--reward-prompt", PROMPT)}

METRIC = {"rlvr": ("reward",), "rlaif": ("judge", "--judge", "base")}


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


@pytest.mark.parametrize("training_type", ["lora", "full-rank"])
@pytest.mark.parametrize("technique", ["sft", "dpo", "rlvr", "rlaif"])
def test_the_loop(mlcc, account, technique, training_type):
    lora = training_type == "lora"
    ran = tune(mlcc, account, technique, "--training-type", training_type)
    assert ran.code == 0, ran
    request = account.log.only("CreateTrainingJob").params
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
        "ModelPackageConfig": {
            "ModelPackageGroupArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:"
            "model-package-group/mlcc-demo"
        },
        "Tags": [
            {"Key": "sagemaker-sdk:jumpstart-model-id", "Value": QWEN},
            {"Key": "sagemaker-sdk:jumpstart-hub-name", "Value": "SageMakerPublicHub"},
            {"Key": "mlcc:project", "Value": "demo"},
            {"Key": "mlcc:technique", "Value": technique},
        ],
    }
    assert account.jobs[job].status == "Completed"
    assert mlcc("deploy", "--yes").code == 0
    deploy_and_ask(mlcc, account, technique, job, lora)
    gone = mlcc("undeploy", "--yes")
    assert gone.code == 0, gone
    assert (account.components.components, account.serving.endpoints) == ({}, {})
    assert account.trap.hosts == []


def test_a_dpo_that_goes_on_from_an_sft(mlcc, account):
    assert tune(mlcc, account, "sft").code == 0
    [first] = account.jobs.all()
    ran = tune(mlcc, account, "dpo", "--from-tune", "sft")
    assert ran.code == 0, ran
    second = account.jobs.all()[-1]
    package = second.request["ModelPackageConfig"]["SourceModelPackageArn"]
    assert package == first.record["OutputModelPackageArn"]
    assert mlcc("deploy", "--yes").code == 0
    deploy_and_ask(mlcc, account, "dpo", second.name, lora=True)
    assert mlcc("undeploy", "--yes").code == 0
    assert (account.components.components, account.serving.endpoints) == ({}, {})


def test_held_out_rows_reach_the_job_beside_the_others(deployed, account):
    rows = [{"prompt": f"q{n}", "completion": "a"} for n in range(20)]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    account.account.client("s3").put_object(Bucket="data", Key="many.jsonl", Body=data)
    ran = deployed(
        *("tune", "--technique", "sft", "--dataset", "s3://data/many.jsonl"),
        *("--validation", "0.1", "--poll-interval", "0.01"),
    )
    assert ran.code == 0, ran
    assert "Held out: 2 of 20 rows (10 %, by content)" in ran.err
    request = account.log.only("CreateTrainingJob").params
    uris = {
        channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"]
        for channel in request["InputDataConfig"]
    }
    assert uris.keys() == {"train", "validation"}
    assert not uris["validation"].startswith(uris["train"])
    parts = {}
    for name, uri in uris.items():
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        (data,) = account.objects(bucket, key).values()  # all that begins so is read by the job
        parts[name] = [json.loads(line) for line in data.splitlines()]
    assert len(parts["validation"]) == 2
    assert parts["train"] == [row for row in rows if row not in parts["validation"]]
    assert account.jobs[request["TrainingJobName"]].status == "Completed"
    assert "held-out loss 0.75" in ran.err
    assert "held-out loss 0.75" in deployed("runs", "list").out
    shown = json.loads(deployed("runs", "show", request["TrainingJobName"], "--json").out)
    assert shown["run"]["metrics"] == {"loss": 0.5, "held_out_loss": 0.75}


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


def test_the_reward_function_is_tried_before_the_job(ready, account):
    calls = []

    def broken(event, context):
        calls.append(event)
        return {"statusCode": 200, "body": json.dumps([])}

    account.functions.add("reward", broken)
    ran = tune(ready, account, "rlvr")
    assert ran.code == 1
    assert "no score for id" in ran.err
    assert calls
    assert not account.log.calls("CreateTrainingJob")


def test_running_again_follows_the_same_job(ready, account):
    account.jobs.course = courses.completes()
    first = tune(ready, account, "sft", "--no-wait")
    second = tune(ready, account, "sft")
    third = tune(ready, account, "sft")
    assert (first.code, second.code, third.code) == (0, 0, 0)
    assert len(account.log.calls("CreateTrainingJob")) == 1
    assert "completed" in third.out


def test_memory_that_ran_out_is_the_platforms_failure(ready, account):
    account.jobs.course = courses.fails("ClientError: reduce the data or use more memory")
    ran = tune(ready, account, "sft")
    assert ran.code == 3
    assert "failed because of the platform: ClientError: reduce the data" in ran.err


def test_a_failed_job_says_why_and_force_starts_another(ready, account):
    account.jobs.course = courses.fails("AlgorithmError: the loss is not finite")
    ran = tune(ready, account, "sft")
    assert ran.code == 2
    assert "AlgorithmError: the loss is not finite" in ran.err
    assert "--force" in ran.err
    account.jobs.course = courses.completes()
    again = tune(ready, account, "sft", "--force")
    assert again.code == 0, again
    assert [job.name[-2:] for job in account.jobs.all()] == ["-1", "-2"]


def test_a_dry_run_writes_nothing(ready, account):
    for technique in ("sft", "rlvr", "rlaif"):
        ran = tune(ready, account, technique, "--dry-run")
        assert ran.code == 0, ran
        assert "CreateTrainingJob" in ran.out
    assert account.log.writing() == []
    assert account.trap.hosts == []


def test_jobs_are_shown_followed_and_stopped(ready, account):
    account.jobs.course = courses.runs_on()
    for technique in ("sft", "dpo"):
        assert tune(ready, account, technique, "--no-wait").code == 0
    shown = json.loads(ready("tune", "--status", "--json").out)["jobs"]
    rows = {row["technique"]: row for row in shown}
    assert {row["status"] for row in rows.values()} <= {"pending", "running"}
    ready("tune", "--status")
    shown = ready("tune", "--status").out
    assert shown.count("running (Training)") == shown.count("step 2/8") == 2
    assert "Training in progress" in ready("logs", "sft").out
    stopped = ready("stop", "sft")
    assert stopped.code == 0, stopped
    ended = tune(ready, account, "sft")
    assert ended.code == 2
    assert "was stopped" in ended.err


def test_money_is_asked_for_and_reminded_of(mlcc, account):
    refused = mlcc("deploy")
    assert refused.code == 1
    assert "1 × ml.g5.2xlarge" in refused.err
    assert "--yes" in refused.err
    assert account.log.writing() == []
    deployed = mlcc("deploy", "--yes")
    assert deployed.code == 0
    assert "mlcc undeploy" in deployed.out
    assert "export ENDPOINT_NAME=demo-endpoint\n" in mlcc.config.read_text()
    account.log.clear()
    asked = mlcc("undeploy")
    assert asked.code == 1
    assert "   the endpoint demo-endpoint (InService)" in asked.err.splitlines()
    assert asked.err.splitlines()[-1] == "   mlcc undeploy --yes"
    assert account.log.writing() == []
    gone = mlcc("undeploy", "--yes")
    assert gone.code == 0
    assert "it costs nothing any more" in gone.out
    assert mlcc("undeploy").out == "ℹ️  Nothing is deployed as demo-endpoint.\n"


def test_the_base_model_is_replaced_by_a_tuned_one(deployed, account):
    assert tune(deployed, account, "sft", "--training-type", "full-rank").code == 0
    [job] = account.jobs.all()
    words = ("--force-ic", "--model-data", job.artifacts, "--yes")
    replaced = deployed("deploy", *words)
    assert replaced.code == 0, replaced
    assert account.log.only("UpdateInferenceComponent")
