"""``--notify``: one rule for project and topic, before the job; what it needs is named."""

from __future__ import annotations

import json
import shlex

import pytest

from tests.plugins.mlcc_sagemaker.conftest import make_order
from tests.plugins.mlcc_sagemaker.request.test_request import problems

pytest.importorskip("sagemaker.core")

ALLOWING = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "SNS:Publish",
        "Resource": "*",
    },
}


@pytest.fixture
def topic(account):
    sns = account.account.client("sns")
    arn = sns.create_topic(Name="ends", Attributes={"Policy": json.dumps(ALLOWING)})["TopicArn"]
    account.log.clear()
    return arn


def request_for(account, context, platform, topic):
    return platform.runner.build_request(context, make_order(account, options={"notify": topic}))


def rules(account):
    return account.account.client("events").list_rules()["Rules"]


def test_it_is_looked_up_and_told_before_anything_is_made(account, context, platform, topic):
    request = request_for(account, context, platform, topic)
    assert account.log.writing() == []
    rule = request.body["creates"]["Notification"]["rule"]
    (note,) = request.notes
    assert note.startswith(
        f"The EventBridge rule {rule['Name']} tells {topic} when jobs demo-… have completed, "
        "failed or stopped. It stays until: aws events --region us-east-1 remove-targets --rule"
    )
    assert request.warnings == ()
    json.dumps(request.body)


def test_it_is_made_once_before_the_job(account, context, platform, topic):
    for number in (1, 2):
        request = request_for(account, context, platform, topic)
        platform.runner.submit(context, f"demo-sft-0badcafe-{number}", request)
    (rule,) = rules(account)
    pattern = json.loads(rule["EventPattern"])
    assert pattern["detail"]["TrainingJobName"] == [{"prefix": "demo-"}]
    events = account.account.client("events")
    (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"] == topic
    names = account.log.names()
    assert names.index("events:PutTargets") < names.index("sagemaker:CreateTrainingJob")


def test_its_commands_of_removal_are_right(account, context, platform, topic):
    request = request_for(account, context, platform, topic)
    platform.runner.submit(context, "demo-sft-0badcafe-1", request)
    words = request.notes[0].partition("until: ")[2].split()
    events = account.account.client("events")
    at = words.index("remove-targets")
    events.remove_targets(Rule=words[at + 2], Ids=[words[at + 4]])
    events.delete_rule(Name=words[words.index("--name") + 1])
    assert rules(account) == []


def test_a_topic_that_eventbridge_may_not_use(account, context, platform):
    sns = account.account.client("sns")
    topic = sns.create_topic(Name="closed")["TopicArn"]
    before = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
    (warning,) = request_for(account, context, platform, topic).warnings
    assert "does not let EventBridge publish" in warning
    command = shlex.split(warning.partition("To let it: ")[2])
    assert command[:5] == ["aws", "sns", "--region", "us-east-1", "set-topic-attributes"]
    given = {name: command[command.index(name) + 1] for name in command if name.startswith("--")}
    sns.set_topic_attributes(
        TopicArn=given["--topic-arn"],
        AttributeName=given["--attribute-name"],
        AttributeValue=given["--attribute-value"],
    )
    after = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
    assert after["Statement"][:-1] == before["Statement"]
    assert request_for(account, context, platform, topic).warnings == ()


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("arn:aws:sns:us-east-1:123456789012:gone", "There is no SNS topic arn:aws:sns:us-e"),
        ("arn:aws:sns:eu-west-1:123456789012:ends", "is not in us-east-1, where the job runs"),
    ],
)
def test_a_topic_that_cannot_be_told(account, context, platform, topic, words):
    (problem,) = problems(platform, context, make_order(account, options={"notify": topic}))
    assert words in problem.what
    assert problem.where == "--notify"


@pytest.mark.parametrize("operation", ["sns:GetTopicAttributes", "events:ListRules"])
def test_a_permission_that_is_missing_is_named_in_the_plan(
    account, context, platform, topic, operation
):
    account.inject(operation, "denied", times=None)
    (problem,) = problems(platform, context, make_order(account, options={"notify": topic}))
    assert operation in problem.what


def test_a_target_that_is_not_taken_stops_the_job(account, context, platform, topic, monkeypatch):
    from mlcc_sagemaker.request.options import notifications

    request = request_for(account, context, platform, topic)
    refusing = notifications.client(context, "events")
    entry = {"TargetId": "x", "ErrorCode": "Limit", "ErrorMessage": "too many"}
    monkeypatch.setattr(
        refusing, "put_targets", lambda **_: {"FailedEntryCount": 1, "FailedEntries": [entry]}
    )
    monkeypatch.setattr(notifications, "client", lambda *_: refusing)
    with pytest.raises(Exception, match=r"as the target of .* \(Limit: too many\)"):
        platform.runner.submit(context, "demo-sft-0badcafe-1", request)
    assert account.jobs.all() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [
        "denied",
        "lost",
        *(pytest.param(kind, marks=pytest.mark.full) for kind in ("empty", "throttled", "page")),
    ],
)
@pytest.mark.parametrize(
    "operation",
    ["sns:GetTopicAttributes", "events:ListRules", "events:PutRule", "events:PutTargets"],
)
def test_a_fault_leaves_no_job_and_then_one(ready, account, topic, operation, kind, monkeypatch):
    from mlcc_aws.sessions import forget_credentials

    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    forget_credentials()
    words = ("tune", "--technique", "sft", "--dataset", "s3://data/sft.jsonl", "--notify", topic)
    account.inject(operation, kind)
    ran = ready(*words, "--poll-interval", "0.01")
    assert "Traceback" not in ran.out + ran.err
    assert ran.code in (0, 3), ran
    if kind == "denied":
        assert operation in ran.err
    if ran.code:
        assert account.jobs.all() == []
    account.faults.clear()
    assert ready(*words, "--poll-interval", "0.01").code == 0
    assert len(account.jobs.all()) == len(rules(account)) == 1
    forget_credentials()
