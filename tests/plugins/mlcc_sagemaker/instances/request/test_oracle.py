"""The SageMaker SDK's ModelTrainer is asked for the same jobs; the requests must agree."""

from __future__ import annotations

import json

import pytest

from tests.plugins.mlcc_sagemaker.conftest import BUCKET, DATA
from tests.plugins.mlcc_sagemaker.instances.conftest import CPU, GPU

pytest.importorskip("sagemaker.train")

# Warnings of the SDK and its YAML library are about themselves; ours are silenced by nobody.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:::sagemaker", "ignore:::omegaconf", "ignore:::antlr4"),
]

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OUTPUT = f"s3://{BUCKET}/demo/tune/sft/"

DIFFERENCES = {
    "TrainingJobName": "ours follows from the plan, so that it is found again",
    "Tags": "ours say project and technique besides",
}
"""What may differ in any request, and why."""

CODE_DIFFERENCES = {
    "AlgorithmSpecification": (
        "the SDK runs a shell script of its own, which runs the user's; ours runs start.py, which "
        "installs pinned packages first; the regular expressions of metrics are ours"
    ),
    "InputDataConfig": (
        "the SDK sends its drivers in a channel of their own, and the source as it is; ours has "
        "one channel with both, at a place that follows from its content"
    ),
    "HyperParameters": "ours has one more, which says what is run",
    "Environment": "ours says how many processes share an instance, which the SDK has in a file",
}
"""What differs besides where the SDK is given a script, and why."""


@pytest.fixture(autouse=True)
def waiting(account, tmp_path, monkeypatch):
    """Let no container run, and keep the SDK's files out of the machine's folder for them."""
    account.containers.runs = False
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)


def sent(account):
    return json.loads(json.dumps(dict(account.log.only("CreateTrainingJob").params)))


@pytest.fixture
def ours(account, place, jobs, training):
    def of(**changes):
        account.log.clear()
        request = jobs.runner.build_request(place, training(**changes))
        jobs.runner.submit(place, "demo-sft-0badcafe-1", request)
        return sent(account)

    return of


@pytest.fixture
def theirs(account):
    """Has ModelTrainer create a job with the container's command, and all else, of one of ours."""

    def of(mine, **more):
        from sagemaker.core.shapes import CheckpointConfig
        from sagemaker.core.training.configs import InputData, OutputDataConfig
        from sagemaker.train import ModelTrainer

        account.log.clear()
        channels = [
            InputData(
                channel_name=channel["ChannelName"],
                data_source=channel["DataSource"]["S3DataSource"]["S3Uri"],
            )
            for channel in mine["InputDataConfig"]
        ]
        trainer = ModelTrainer(
            **{
                "training_image": mine["AlgorithmSpecification"]["TrainingImage"],
                "role": account.role,
                "base_job_name": "demo",
                "hyperparameters": mine["HyperParameters"],
                "environment": mine["Environment"],
                "input_data_config": channels,
                "output_data_config": OutputDataConfig(
                    s3_output_path=OUTPUT, compression_type="NONE"
                ),
                "checkpoint_config": CheckpointConfig(
                    s3_uri=mine["CheckpointConfig"]["S3Uri"], local_path="/opt/ml/checkpoints"
                ),
                **more,
            }
        )
        trainer._metric_definitions = metrics_of(mine)
        request = trainer._create_training_job_args(boto3=True)
        request["AlgorithmSpecification"]["ContainerEntrypoint"] = mine["AlgorithmSpecification"][
            "ContainerEntrypoint"
        ]  # ModelTrainer sets one with source code alone
        account.client("sagemaker").create_training_job(**request)
        return sent(account)

    return of


def metrics_of(mine):
    from sagemaker.core.training.configs import MetricDefinition

    return [
        MetricDefinition(name=each["Name"], regex=each["Regex"])
        for each in mine["AlgorithmSpecification"]["MetricDefinitions"]
    ]


def compare(mine, reference, differences=DIFFERENCES):
    """Assert that nothing differs but what is listed."""
    tags = {tag["Key"]: tag["Value"] for tag in mine["Tags"]}
    assert tags.pop("mlcc:project") == "demo"
    tags.pop("mlcc:technique")
    assert tags == {tag["Key"]: tag["Value"] for tag in reference.get("Tags", ())}
    for name in differences:
        mine.pop(name, None)
        reference.pop(name, None)
    assert mine == reference


def test_a_small_job_is_the_one_that_the_sdk_asks_for(ours, theirs):
    from sagemaker.core.training.configs import Compute, StoppingCondition

    mine = ours()
    compute = Compute(instance_type=CPU, instance_count=1, volume_size_in_gb=100)
    stopping = StoppingCondition(max_runtime_in_seconds=86400)
    compare(mine, theirs(mine, compute=compute, stopping_condition=stopping))


def test_a_spot_job_with_every_flag_is_the_one_that_the_sdk_asks_for(ours, theirs):
    from sagemaker.core.training.configs import (
        Compute,
        Networking,
        OutputDataConfig,
        StoppingCondition,
        Tag,
    )

    options = {
        "instance_type": GPU,
        "instance_count": 2,
        "processes": 2,
        "spot": True,
        "volume_size": 300,
        "stop_after": "4h",
        "max_wait": "6h",
        "kms_key": KEY,
        "subnets": "subnet-1,subnet-2",
        "security_groups": "sg-1",
        "tag": ("team=red bus", "cost=7"),
    }
    mine = ours(options=options)
    reference = theirs(
        mine,
        compute=Compute(
            instance_type=GPU,
            instance_count=2,
            volume_size_in_gb=300,
            enable_managed_spot_training=True,
        ),
        stopping_condition=StoppingCondition(
            max_runtime_in_seconds=4 * 3600, max_wait_time_in_seconds=6 * 3600
        ),
        networking=Networking(security_group_ids=["sg-1"], subnets=["subnet-1", "subnet-2"]),
        output_data_config=OutputDataConfig(
            s3_output_path=OUTPUT, compression_type="NONE", kms_key_id=KEY
        ),
        tags=[Tag(key="team", value="red bus"), Tag(key="cost", value="7")],
    )
    compare(mine, reference)


@pytest.mark.filterwarnings(  # the SDK leaves a folder of its own to the collector
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_a_script_is_asked_for_as_the_sdk_does(account, place, jobs, script, tmp_path):
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.core.shapes import CheckpointConfig
    from sagemaker.core.training.configs import (
        Compute,
        InputData,
        OutputDataConfig,
        SourceCode,
        StoppingCondition,
    )
    from sagemaker.train import ModelTrainer

    source = tmp_path / "source"
    source.mkdir()
    spec = script(inputs={"train": DATA})
    (source / "train.py").write_text("print('hello')\n")
    jobs.runner.submit(place, "demo-script-1", jobs.scripts.build_request(place, spec))
    mine = sent(account)
    account.log.clear()
    output = mine["OutputDataConfig"]["S3OutputPath"]
    ModelTrainer(
        sagemaker_session=Session(default_bucket=BUCKET),
        training_image=mine["AlgorithmSpecification"]["TrainingImage"],
        role=account.role,
        base_job_name="demo",
        source_code=SourceCode(source_dir=str(source), entry_script="train.py"),
        hyperparameters={"epochs": "3"},
        compute=Compute(instance_type=CPU, instance_count=1, volume_size_in_gb=100),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=86400),
        input_data_config=[InputData(channel_name="train", data_source=DATA)],
        output_data_config=OutputDataConfig(s3_output_path=output, compression_type="NONE"),
        checkpoint_config=CheckpointConfig(
            s3_uri=mine["CheckpointConfig"]["S3Uri"], local_path="/opt/ml/checkpoints"
        ),
    ).train(wait=False)
    reference = sent(account)
    assert mine["HyperParameters"].pop("mlcc_entry") == "script:train.py"
    assert mine["HyperParameters"] == reference["HyperParameters"]
    ours, sdk = (
        {channel["ChannelName"]: channel for channel in request["InputDataConfig"]}
        for request in (mine, reference)
    )
    assert ours["train"] == sdk["train"]
    assert (set(ours), set(sdk)) == ({"train", "code"}, {"train", "code", "sm_drivers"})
    algorithm = reference["AlgorithmSpecification"]
    assert algorithm["TrainingInputMode"] == mine["AlgorithmSpecification"]["TrainingInputMode"]
    compare(mine, reference, {**DIFFERENCES, **CODE_DIFFERENCES})
