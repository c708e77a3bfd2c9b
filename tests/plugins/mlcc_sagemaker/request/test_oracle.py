"""The SageMaker SDK's own trainers are asked for the same jobs; the requests must agree."""

from __future__ import annotations

import json

import pytest

from tests.plugins.mlcc_sagemaker.conftest import DATA, PROMPT, QWEN, make_order

pytest.importorskip("sagemaker.train")

# Warnings of the SDK and its YAML library are about themselves; ours are silenced by nobody.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("quick_sdk"),
    pytest.mark.filterwarnings("ignore:::sagemaker", "ignore:::omegaconf", "ignore:::antlr4"),
]

JUDGE = "openai.gpt-oss-20b-1:0"
GIVEN = {"max_epochs": 3, "learning_rate": 5e-05, "lora_rank": 16}

DIFFERENCES = {
    "TrainingJobName": "ours follows from the plan, so that it is found again",
    "Tags": "ours say project and technique besides",
    "MlflowConfig": "ours only for a server that is configured, under the project's name",
}
"""What may differ, and why; everything else must be equal."""


def ours(account, context, platform, technique, training_type):
    hyperparameters = dict(GIVEN)
    if training_type == "full-rank":
        del hyperparameters["lora_rank"]
    spec = make_order(
        account, technique, training_type=training_type, hyperparameters=hyperparameters
    )
    if technique == "rlaif":
        spec.evaluator.settings["judge_model"] = JUDGE
    platform.runner.submit(
        context, f"demo-{technique}-0badcafe-1", platform.runner.build_request(context, spec)
    )
    return dict(account.log.only("CreateTrainingJob").params)


def theirs(account, technique, training_type, evaluator_arn):
    from sagemaker import train
    from sagemaker.train.common import TrainingType

    more = {
        "rlvr": {"custom_reward_function": evaluator_arn, "skip_reward_validation": True},
        "rlaif": {"reward_prompt": evaluator_arn, "reward_model_id": JUDGE},
    }.get(technique, {})
    trainer = getattr(train, f"{technique.upper()}Trainer")(
        model=QWEN,
        training_type=TrainingType.FULL if training_type == "full-rank" else TrainingType.LORA,
        model_package_group="mlcc-demo",
        mlflow_resource_arn=account.mlflow.add_app("tracking", "data", account.role),
        training_dataset=DATA,
        s3_output_path=f"s3://mlcc-tune-123456789012-us-east-1/demo/tune/{technique}/",
        role=account.role,
        is_multimodal=False,
        **more,
    )
    for name, value in GIVEN.items():
        if name != "lora_rank" or training_type == "lora":
            setattr(trainer.hyperparameters, name, value)
    trainer.train(wait=False)
    return dict(account.log.only("CreateTrainingJob").params)


@pytest.mark.parametrize("training_type", ["lora", "full-rank"])
@pytest.mark.parametrize("technique", ["sft", "dpo", "rlvr", "rlaif"])
def test_the_request_is_the_one_that_the_sdk_sends(
    account, context, platform, technique, training_type, tmp_path, monkeypatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    mine = ours(account, context, platform, technique, training_type)
    account.log.clear()
    evaluator = mine["ServerlessJobConfig"].get("EvaluatorArn")
    reference = theirs(account, technique, training_type, evaluator)
    for name in DIFFERENCES:
        mine.pop(name, None)
        reference.pop(name, None)
    assert mine == reference


@pytest.mark.parametrize("technique", ["rlvr", "rlaif"])
def test_an_evaluator_is_registered_as_the_sdk_does(account, context, platform, technique):
    from sagemaker.ai_registry.evaluator import Evaluator

    mine = ours(account, context, platform, technique, "lora")
    arn = mine["ServerlessJobConfig"]["EvaluatorArn"]
    imported = dict(account.log.only("ImportHubContent").params)
    account.log.clear()
    kind, source = {
        "rlvr": ("RewardFunction", account.reward_arn),
        "rlaif": ("RewardPrompt", PROMPT),
    }[technique]
    made = Evaluator.create(
        name="theirs", type=kind, source=source, role=account.role, domain_id=""
    )
    expected = dict(account.log.only("ImportHubContent").params)
    assert made.arn.rsplit("/", 2)[0] == arn.rsplit("/", 2)[0]
    assert json.loads(imported["HubContentDocument"]) == json.loads(expected["HubContentDocument"])
    for name in ("HubContentName", "HubContentDocument"):
        imported.pop(name)
        expected.pop(name)
    assert imported == expected
