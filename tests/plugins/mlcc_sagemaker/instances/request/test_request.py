"""The request of a training: every member, and the spec that it gives back."""

from __future__ import annotations

import json

import pytest

from mlcc_core.actions.tune.job.proof import differences
from mlcc_core.contract.job import DatasetRef
from mlcc_core.errors import PlatformError, Problems
from mlcc_sagemaker.instances.request.request import packages_of, require_no_gaps
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, DATA
from tests.plugins.mlcc_sagemaker.instances.conftest import CPU, GPU

pytest.importorskip("sagemaker.core")

SECRETS = ("AKIA", "hf_", "password")


def test_every_member_of_a_small_job(account, place, jobs, training):
    body = jobs.runner.build_request(place, training()).body
    job = body["CreateTrainingJob"]
    code = body["creates"]["Code"]
    metrics = job["AlgorithmSpecification"].pop("MetricDefinitions")
    assert {metric["Name"] for metric in metrics} >= {"loss", "reward", "held_out_loss"}
    output = f"s3://{BUCKET}/demo/tune/sft/"
    assert job == {
        "RoleArn": account.role,
        "AlgorithmSpecification": {
            "TrainingImage": job["AlgorithmSpecification"]["TrainingImage"],
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", "/opt/ml/input/data/code/start.py"],
        },
        "HyperParameters": {
            "mlcc_entry": "engine",
            "technique": "sft",
            "trainer": "trl:SFTTrainer",
            "model": "mlcc-tiny",
            "training_type": "lora",
            "hyperparameters": '{"num_train_epochs": 3, "learning_rate": 5e-05}',
            "rows": "12",
            "platform": "sagemaker_jobs",
        },
        "InputDataConfig": [channel("code", f"s3://{BUCKET}/{code['prefix']}"), channel("train")],
        "OutputDataConfig": {"S3OutputPath": output, "CompressionType": "NONE"},
        "ResourceConfig": {"InstanceType": CPU, "InstanceCount": 1, "VolumeSizeInGB": 100},
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
        "CheckpointConfig": {
            "S3Uri": f"{output}(the job's name)/checkpoints/",
            "LocalPath": "/opt/ml/checkpoints",
        },
        "Environment": {"MLCC_PROCESSES": "1"},
        "Tags": [
            {"Key": "mlcc:project", "Value": "demo"},
            {"Key": "mlcc:technique", "Value": "sft"},
        ],
    }
    assert set(code["files"]) == {
        "start.py",
        "requirements.txt",
        *(name for name in code["files"] if name.startswith("wheels/mlcc-")),
    }
    assert body["fingerprints"] == {"dataset": "f1"}
    assert json.loads(json.dumps(body)) == body


def channel(name, uri=DATA):
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "InputMode": "File", "DataSource": {"S3DataSource": source}}


def test_the_image_is_the_newest_of_the_sdk(place, jobs, training):
    from sagemaker.core import image_uris

    listed = image_uris.config_for_framework("pytorch")["training"]["versions"]
    for kind, device in ((CPU, "cpu"), (GPU, "gpu")):
        spec = training(options={"instance_type": kind})
        job = jobs.runner.build_request(place, spec).body["CreateTrainingJob"]
        image = job["AlgorithmSpecification"]["TrainingImage"]
        version, found, _ = image.partition("pytorch-training:")[2].split("-", 2)
        assert found == device
        assert version == max(listed, key=lambda text: tuple(map(int, text.split("."))))


ALL_OPTIONS = {
    "instance_type": GPU,
    "instance_count": 2,
    "processes": 3,
    "spot": True,
    "max_wait": "3d",
    "stop_after": "36h",
    "volume_size": 200,
    "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:2",
    "tag": ("team=red bus",),
    "subnets": "subnet-1",
    "security_groups": "sg-1",
    "kms_key": "alias/mine",
    "thinking": "off",
    "eval_every": "10%",
    "stop_early": 3,
    "no_packing": True,
    "checkpoint_every": "5m",
    "quantize": "4bit",
}
SETTINGS = {"weight_decay": 0.25, "lora_dropout": 0.5, "lr_scheduler_type": "linear"}


def test_every_flag_is_in_its_member(place, jobs, training):
    spec = training(
        options=ALL_OPTIONS,
        settings=SETTINGS,
        hyperparameters={"train_batch_size": 6},
        dataset=DatasetRef(DATA, "f1", 12, "s3://data/held.jsonl"),
    )
    body = jobs.runner.build_request(place, spec).body
    job = body["CreateTrainingJob"]
    assert job["ResourceConfig"] == {
        "InstanceType": GPU,
        "InstanceCount": 2,
        "VolumeSizeInGB": 200,
    }
    assert job["StoppingCondition"] == {
        "MaxRuntimeInSeconds": 36 * 3600,
        "MaxWaitTimeInSeconds": 72 * 3600,
    }
    assert job["EnableManagedSpotTraining"] is True
    assert job["AlgorithmSpecification"]["TrainingImage"] == ALL_OPTIONS["image"]
    assert job["VpcConfig"] == {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    assert job["OutputDataConfig"]["KmsKeyId"] == "alias/mine"
    assert {"Key": "team", "Value": "red bus"} in job["Tags"]
    assert job["Environment"] == {"MLCC_PROCESSES": "3"}
    given = job["HyperParameters"]
    assert given["processes"] == "6"
    assert given["thinking"] == "off"
    assert given["packing"] == "false"
    assert given["eval_every"] == "10%"
    assert given["stop_early"] == "3"
    assert given["checkpoint_every"] == "5m"
    assert given["quantize"] == "4bit"
    assert json.loads(given["user_settings"]) == SETTINGS
    assert job["InputDataConfig"][2] == channel("validation", "s3://data/held.jsonl")
    assert "bitsandbytes" in _requirements(body)
    assert differences(spec, jobs.runner.read_spec(body)) == []


def _requirements(body):
    from mlcc_sagemaker.instances.code.contents import Code

    return Code.of(body["creates"]["Code"]).made["requirements.txt"].decode()


@pytest.mark.parametrize("training_type", ["lora", "full-rank"])
@pytest.mark.parametrize("technique", ["sft", "dpo", "rlvr", "rlaif"])
def test_the_body_alone_gives_back_the_whole_spec(place, jobs, training, technique, training_type):
    spec = training(
        technique,
        training_type=training_type,
        settings={"weight_decay": 0.25},
        dataset=DatasetRef(DATA, "f1", 12, "s3://data/held.jsonl"),
    )
    body = json.loads(json.dumps(jobs.runner.build_request(place, spec).body))
    reported = jobs.runner.read_spec(body)
    assert differences(spec, reported) == []
    assert reported.hyperparameters == {**spec.trainer_arguments, "seed": 0}
    if spec.evaluator is not None:
        assert reported.evaluator == spec.evaluator.value
        assert len(reported.extra["evaluator_checksum"]) == 64


def test_another_value_anywhere_is_another_report(place, jobs, training):
    first = jobs.runner.read_spec(jobs.runner.build_request(place, training()).body)
    for changes in (
        {"training_type": "full-rank"},
        {"hyperparameters": {"num_train_epochs": 4}},
        {"settings": {"weight_decay": 0.5}},
        {"dataset": DatasetRef("s3://data/dpo.jsonl", "f2", 12)},
    ):
        other = jobs.runner.read_spec(jobs.runner.build_request(place, training(**changes)).body)
        assert other != first, changes


def test_a_dry_run_waits_for_its_rows_and_cannot_be_sent(place, jobs, training, refusal):
    spec = training(dataset=None, holds_out=True)
    request = jobs.runner.build_request(place, spec)
    names = {
        c["ChannelName"]: c["DataSource"]["S3DataSource"]["S3Uri"]
        for c in request.body["CreateTrainingJob"]["InputDataConfig"]
    }
    assert names["train"] == names["validation"] == "(waits for staging)"
    reported = jobs.runner.read_spec(request.body)
    assert (reported.dataset, reported.validation) == (None, None)
    error = refusal(require_no_gaps, request)
    assert isinstance(error, PlatformError)


def test_everything_that_is_wrong_is_said_at_once(place, jobs, training):
    spec = training(
        model="./nowhere",
        hyperparameters={"num_train_epochs": 0},
        options={"instance_type": "g5.2xlarge", "max_wait": "2h", "subnets": "subnet-1"},
    )
    with pytest.raises(Problems) as caught:
        jobs.runner.build_request(place, spec)
    said = " ".join(problem.what for problem in caught.value.problems)
    for words in ("g5.2xlarge", "--epochs 0", "--security-groups", "--spot", "./nowhere"):
        assert words in said


@pytest.mark.parametrize(
    ("technique", "given", "options", "batch"),
    [
        ("sft", {"train_batch_size": 6}, {"instance_count": 1}, 8),  # 4 GPUs
        ("sft", {}, {"instance_count": 4, "processes": 4}, 16),
        ("rlvr", {"train_batch_size": 1, "num_generations": 6}, {}, 8),
    ],
)
def test_processes_that_cannot_share_a_step_are_told_before_the_job(
    place, jobs, training, refusal, technique, given, options, batch
):
    options = {"instance_type": GPU, **options}
    data = DatasetRef(DATA, "f1", 100)
    spec = training(technique, hyperparameters=given, options=options, dataset=data)
    error = refusal(jobs.runner.build_request, place, spec)
    assert "cannot share out" in error.what
    assert error.hint == f"pass --batch-size {batch}"


def test_no_secret_is_in_a_body(account, place, jobs, training, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    body = json.dumps(jobs.runner.build_request(place, training()).body)
    assert account.environment["AWS_SECRET_ACCESS_KEY"] not in body
    assert not any(word in body for word in SECRETS)


def test_our_wheel_has_the_packages_of_others_that_a_job_imports(training):
    own = ("mlcc_core", "mlcc_engine", "mlcc_tokens")
    assert packages_of(training()) == own
    spec = training(trainer="mine.deep:MyTrainer", callbacks=("theirs.calls:make", "trl.x:make"))
    assert packages_of(spec) == (*own, "mine", "theirs")
