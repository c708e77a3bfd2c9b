"""The SageMaker SDK's own trainers are asked for the same jobs; the requests must agree."""

from __future__ import annotations

import json

import pytest

from mlcc_sagemaker.request.chain.pairs import FOLLOWERS
from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, DATA, PROMPT, QWEN, make_order

pytest.importorskip("sagemaker.train")

# Warnings of the SDK and its YAML library are about themselves; ours are silenced by nobody.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:::sagemaker", "ignore:::omegaconf", "ignore:::antlr4"),
]

JUDGE = "openai.gpt-oss-20b-1:0"
GIVEN = {"max_epochs": 3, "learning_rate": 5e-05, "lora_rank": 16}
SETTINGS = {"weight_decay": 0.25, "seed": 7, "lr_scheduler": "linear", "logging_steps": 5}
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

DIFFERENCES = {
    "TrainingJobName": "ours follows from the plan, so that it is found again",
    "Tags": "ours say project and technique besides",
    "MlflowConfig": "ours only for a server that is configured, under the project's name",
}
"""What may differ, and why; everything else must be equal."""

PACKAGE_EULA = (
    "the SDK takes the licence for accepted where a job goes on from a package; "
    "ours sends that only where the user accepted it"
)
"""The reason of the difference in ``AcceptEula`` of jobs that go on from a package."""


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    """Keep the files that the SDK leaves out of the machine's folder for them."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)


@pytest.fixture
def topic(account):
    return account.account.client("sns").create_topic(Name="ends")["TopicArn"]


def hyperparameters(training_type):
    return {n: v for n, v in GIVEN.items() if n != "lora_rank" or training_type == "lora"}


def ours(account, context, platform, technique, training_type, **changes):
    account.log.clear()
    spec = make_order(
        account,
        technique,
        training_type=training_type,
        hyperparameters=hyperparameters(training_type),
        **changes,
    )
    if technique == "rlaif":
        spec.evaluator.settings["judge_model"] = JUDGE
    platform.runner.submit(
        context, f"demo-{technique}-0badcafe-1", platform.runner.build_request(context, spec)
    )
    return dict(account.log.only("CreateTrainingJob").params)


def theirs(account, technique, training_type, evaluator_arn, settings=None, **more):
    from sagemaker import train
    from sagemaker.train.common import TrainingType

    account.log.clear()
    evaluators = {
        "rlvr": {"custom_reward_function": evaluator_arn, "skip_reward_validation": True},
        "rlaif": {"reward_prompt": evaluator_arn, "reward_model_id": JUDGE},
    }
    trainer = getattr(train, f"{technique.upper()}Trainer")(
        **{
            "model": QWEN,
            "training_type": TrainingType.FULL
            if training_type == "full-rank"
            else TrainingType.LORA,
            "model_package_group": "mlcc-demo",
            "mlflow_resource_arn": account.mlflow.add_app("tracking", "data", account.role),
            "training_dataset": DATA,
            "s3_output_path": f"s3://{BUCKET}/demo/tune/{technique}/",
            "role": account.role,
            "is_multimodal": False,
            **evaluators.get(technique, {}),
            **more,
        }
    )
    for name, value in {**hyperparameters(training_type), **(settings or {})}.items():
        setattr(trainer.hyperparameters, name, value)
    trainer.train(wait=False)
    return dict(account.log.only("CreateTrainingJob").params)


def compare(mine, reference, technique):
    """Assert that nothing differs but what :data:`DIFFERENCES` lists, and that as it says."""
    tags = {tag["Key"]: tag["Value"] for tag in mine["Tags"]}
    assert tags.pop("mlcc:project") == "demo"
    assert tags.pop("mlcc:technique") == technique
    assert tags == {tag["Key"]: tag["Value"] for tag in reference["Tags"]}
    assert "MlflowConfig" not in mine
    for name in DIFFERENCES:
        mine.pop(name, None)
        reference.pop(name, None)
    assert mine == reference


TECHNIQUES = pytest.mark.parametrize("technique", ["sft", "dpo", "rlvr", "rlaif"])
TRAINING_TYPES = pytest.mark.parametrize("training_type", ["lora", "full-rank"])


@TRAINING_TYPES
@TECHNIQUES
def test_the_request_is_the_one_that_the_sdk_sends(
    account, context, platform, technique, training_type
):
    mine = ours(account, context, platform, technique, training_type)
    evaluator = mine["ServerlessJobConfig"].get("EvaluatorArn")
    compare(mine, theirs(account, technique, training_type, evaluator), technique)


def some(combinations, often):
    """Every combination, marked ``full`` where not every run needs it."""
    return [
        pytest.param(*one, marks=[] if one in often else pytest.mark.full) for one in combinations
    ]


OFTEN = {("sft", "lora"), ("dpo", "full-rank"), ("rlvr", "lora"), ("rlaif", "full-rank")}
OFTEN_IN_CHAINS = {("SFT", "DPO"), ("DPO", "RLVR"), ("RLVR", "RLVR"), ("RLAIF", "DPO")}


@pytest.mark.parametrize(
    ("technique", "training_type"),
    some([(t, k) for t in ("sft", "dpo", "rlvr", "rlaif") for k in ("lora", "full-rank")], OFTEN),
)
def test_with_every_flag_and_settings(account, context, platform, technique, training_type, topic):
    from sagemaker.core.shapes import StoppingCondition, VpcConfig

    options = {
        "tag": ("team=red bus", "cost=7"),
        "kms_key": KEY,
        "subnets": "subnet-1,subnet-2",
        "security_groups": "sg-1",
        "stop_after": "4h",
        "notify": topic,
    }
    mine = ours(
        account, context, platform, technique, training_type, options=options, settings=SETTINGS
    )
    sent = told(account)
    reference = theirs(
        account,
        technique,
        training_type,
        mine["ServerlessJobConfig"].get("EvaluatorArn"),
        SETTINGS,
        tags=[{"key": "team", "value": "red bus"}, {"key": "cost", "value": "7"}],
        kms_key_id=KEY,
        networking=VpcConfig(security_group_ids=["sg-1"], subnets=["subnet-1", "subnet-2"]),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=4 * 3600),
        notifications={"sns_topic_arn": topic, "job_name_prefix": "demo-"},
    )
    compare(mine, reference, technique)
    assert sent == told(account)


def told(account):
    """What was sent to EventBridge and SNS, by operation, with what is JSON read as such."""
    sent = {}
    for name in ("events:PutRule", "events:PutTargets", "sns:GetTopicAttributes"):
        params = json.loads(json.dumps(account.log.only(name).params))
        if "EventPattern" in params:
            params["EventPattern"] = json.loads(params["EventPattern"])
        sent[name] = params
    return sent


BESIDE_BY_NOTIFY = {
    "events:ListRules": "asked at the plan, to name a missing permission before anything is made",
    "sns:GetTopicAttributes": "as the SDK asks",
    "events:PutRule": "as the SDK sends it",
    "events:PutTargets": "as the SDK sends it",
}
"""Everything that ``--notify`` has sent, and why; the topic itself is never changed."""


def test_nothing_else_is_sent_for_a_notification(account, context, platform, topic):
    ours(account, context, platform, "sft", "lora")
    before = account.log.names()
    ours(account, context, platform, "dpo", "lora", options={"notify": topic})
    assert set(account.log.names()) - set(before) == BESIDE_BY_NOTIFY.keys()


@pytest.mark.parametrize(
    ("before", "after"),
    some([(one, two) for one, others in FOLLOWERS.items() for two in others], OFTEN_IN_CHAINS),
)
def test_a_job_that_goes_on_is_the_one_that_the_sdk_sends(
    account, context, platform, before, after
):
    account.jobs.course = courses.at_once()
    first = ours(account, context, platform, before.lower(), "lora")["TrainingJobName"]
    while not platform.runner.describe(context, first).final:
        pass
    package = account.jobs[first].record["OutputModelPackageArn"]
    start = platform.runner.find_start(context, package, None)
    sagemaker = account.client("sagemaker")
    if before == after:  # the name of the first is that of the second
        platform = type(platform)(look_seconds=0.01)
        sagemaker.delete_training_job(TrainingJobName=first)
    mine = ours(account, context, platform, after.lower(), "lora", start=start)
    assert mine["ModelPackageConfig"]["SourceModelPackageArn"] == package
    evaluator = mine["ServerlessJobConfig"].get("EvaluatorArn")
    reference = theirs(account, after.lower(), "lora", evaluator, model=package)
    assert reference["ServerlessJobConfig"].pop("AcceptEula") is True, PACKAGE_EULA
    assert "AcceptEula" not in mine["ServerlessJobConfig"]
    compare(mine, reference, after.lower())


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
