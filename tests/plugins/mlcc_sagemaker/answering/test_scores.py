"""Rewards by a run's Lambda function, judgements by a model of the account, and what is lacking."""

from __future__ import annotations

import pytest

from mlcc_core import MlccError, PlatformError
from mlcc_sagemaker.answering.retrying import Patience
from mlcc_sagemaker.parts.answering import EndpointAnswering
from tests.aws_account.door.answers import ServiceError
from tests.aws_account.serving.runtime import reply
from tests.plugins.mlcc_sagemaker import rewards
from tests.plugins.mlcc_sagemaker.artifacts import ADAPTER
from tests.plugins.mlcc_sagemaker.conftest import QWEN, ROWS, make_order

QUICK = Patience(seconds=0.5, first=0.01, longest=0.05)
ROW = ROWS["rlvr"]


@pytest.fixture
def answering():
    return EndpointAnswering(patience=QUICK)


@pytest.fixture
def session(served, context, answering):
    with answering.open(context, [answering.base_subject(context, QWEN)]) as session:
        served.log.clear()
        yield session


def body_of(platform, context, account, technique):
    return platform.runner.build_request(context, make_order(account, technique)).body


@pytest.mark.parametrize("registered", [True, False])
def test_rewards_of_the_function_that_trained(served, context, platform, session, registered):
    served.functions.add("reward", rewards.lambda_handler)
    body = body_of(platform, context, served, "rlvr")
    if registered:
        platform.runner.submit(
            context,
            "demo-rlvr-1",
            platform.runner.build_request(context, make_order(served, "rlvr")),
        )
    else:
        job = body["CreateTrainingJob"]
        config = {**job["ServerlessJobConfig"], "EvaluatorArn": served.reward_arn}
        body = {**body, "CreateTrainingJob": {**job, "ServerlessJobConfig": config}}
    served.log.clear()
    replies = ["4" if n % 2 else "5" for n in range(40)]
    scores = dict(session.rewards(body, [ROW] * 40, replies))
    assert scores == {n: float(n % 2) for n in range(40)}
    assert len(served.log.calls("lambda:Invoke")) == 3


def test_a_reply_that_the_function_cannot_score(served, context, platform, session):
    def fussy(events, context=None):
        if any(event["messages"][-1]["content"] == "bad" for event in events):
            raise ValueError("bad reply")
        return rewards.lambda_handler(events, context)

    arn = served.functions.add("fussy", fussy)
    body = by_function(arn)
    assert dict(session.rewards(body, [ROW] * 3, ["4", "bad", "5"])) == {0: 1.0, 1: None, 2: 0.0}
    replies = ["bad"] * 20 + ["4"]
    scores = list(session.rewards(body, [ROW] * 21, replies))
    assert dict(scores) == {**dict.fromkeys(range(20)), 20: 1.0}


def test_a_function_that_scores_nothing_gives_no_reply_a_none(served, context, session):
    def broken(events, context=None):
        raise ValueError("bad reply")

    arn = served.functions.add("broken", broken)
    kept = []
    with pytest.raises(MlccError, match="broken raised ValueError: bad reply") as caught:
        kept.extend(session.rewards(by_function(arn), [ROW] * 20, ["4"] * 20))
    assert caught.value.exit_code == 1
    assert kept == []


@pytest.mark.parametrize("kind", ["denied", "throttled"])
def test_a_function_that_goes_away_leaves_no_none(served, context, session, kind, monkeypatch):
    """The reply that it could not score is asked alone, and the function is away by then."""
    monkeypatch.setitem(context.settings, "AWS_MAX_ATTEMPTS", "1")

    def fussy(events, context=None):
        served.inject("lambda:Invoke", kind, times=None)
        raise ValueError("bad reply")

    arn = served.functions.add("fussy", fussy)
    kept = []
    with pytest.raises(PlatformError) as caught:
        kept.extend(session.rewards(by_function(arn), [ROW] * 3, ["4"] * 3))
    assert caught.value.exit_code == 3
    assert kept == []


def test_a_function_that_may_not_be_invoked(served, context, session):
    served.inject("lambda:Invoke", "denied", times=None)
    arn = served.functions.add("reward", rewards.lambda_handler)
    with pytest.raises(PlatformError, match="lambda:InvokeFunction is missing"):
        list(session.rewards(by_function(arn), [ROW] * 40, ["4"] * 40))
    assert len(served.log.calls("lambda:Invoke")) <= 3


def test_a_reward_prompt_is_not_read_here(served, context, platform, session, answering):
    body = body_of(platform, context, served, "rlaif")
    platform.runner.submit(
        context, "demo-rlaif-1", platform.runner.build_request(context, make_order(served, "rlaif"))
    )
    with pytest.raises(MlccError, match="by a judge on Bedrock") as caught:
        session.rewards(body, [ROW], ["4"])
    assert "\n" not in caught.value.what
    assert answering.lacks(context, "reward", body) == caught.value.what
    by_lambda = body_of(platform, context, served, "rlvr")
    platform.runner.submit(
        context, "demo-rlvr-1", platform.runner.build_request(context, make_order(served, "rlvr"))
    )
    assert answering.lacks(context, "reward", by_lambda) is None


@pytest.mark.parametrize("body", [{}, {"CreateTrainingJob": {"ServerlessJobConfig": {}}}])
def test_a_run_without_a_function(session, body):
    with pytest.raises(MlccError, match="has no reward function"):
        session.rewards(body, [ROW], ["4"])


def by_function(arn):
    return {"CreateTrainingJob": {"ServerlessJobConfig": {"EvaluatorArn": arn}}}


def test_a_judge_is_another_model_of_the_account(served, context, platform, session):
    platform.serving.add_adapter(context, "judge", ADAPTER)
    served.inject("InvokeEndpoint", "throttled", times=2)
    questions = [f"Which is better? {n}" for n in range(20)]
    answers = dict(session.judgements("judge", questions))
    assert answers == {n: f"judge says: {text}" for n, text in enumerate(questions)}
    [asked] = {c.params["InferenceComponentName"] for c in served.log.calls("InvokeEndpoint")}
    assert asked == "judge"


def test_a_judge_may_be_the_base_or_an_endpoint(served, context, session):
    assert dict(session.judgements("base", ["A or B?"])) == {0: "demo-endpoint-base says: A or B?"}
    assert dict(session.judgements("demo-endpoint", ["A or B?"])) == {
        0: "demo-endpoint-base says: A or B?"
    }
    by_hand(served, "plain")
    served.runtime.responder = lambda component, document: (
        reply(component, document) if component else {"generated_text": "B"}
    )
    assert dict(session.judgements("plain", ["A or B?"])) == {0: "B"}


def by_hand(account, name):
    """An endpoint of another project, with a model of its own and no components."""
    client = account.client("sagemaker")
    client.create_model(
        ModelName=name, ExecutionRoleArn=account.role, PrimaryContainer={"Image": "image"}
    )
    variant = {
        "VariantName": "v",
        "ModelName": name,
        "InstanceType": "ml.g5.2xlarge",
        "InitialInstanceCount": 1,
    }
    client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    client.create_endpoint(EndpointName=name, EndpointConfigName=name)
    for _ in range(3):
        client.describe_endpoint(EndpointName=name)


def test_a_question_that_the_judge_refuses(served, context, session):
    def answer(component, document):
        if "long" in document["messages"][0]["content"]:
            text = 'Received client error (400) from primary with message "too long".'
            raise ServiceError("ModelError", text, 424, {"OriginalStatusCode": 400})
        return reply(component, document)

    served.runtime.responder = answer
    found = dict(session.judgements("base", ["long", "A or B?", "so long"]))
    assert found == {0: None, 1: "demo-endpoint-base says: A or B?", 2: None}
    kept = []
    with pytest.raises(MlccError, match=r"could not answer: .*too long") as caught:
        kept.extend(session.judgements("base", ["long"] * 3))
    assert caught.value.exit_code == 1
    assert kept == []


def test_a_judge_changes_with_its_component(served, context, platform, session):
    platform.serving.add_adapter(context, "judge", ADAPTER)
    first, base = session.judge_fingerprint("judge"), session.judge_fingerprint("base")
    assert first is not None
    assert len({first, base}) == 2
    assert session.judge_fingerprint("judge") == first
    platform.serving.remove_adapter(context, "judge")
    assert session.judge_fingerprint("demo-endpoint") == base
    platform.serving.add_adapter(context, "judge", ADAPTER)
    assert session.judge_fingerprint("judge") not in (None, first)


def test_a_judge_without_a_component_cannot_be_told_from_another(served, session):
    by_hand(served, "plain")
    assert session.judge_fingerprint("plain") is None


@pytest.mark.parametrize("judge", ["nobody", "https://example.com/v1", "gpt-oss:20b"])
def test_a_judge_that_is_not_there(session, judge):
    with pytest.raises(MlccError, match="neither an inference component nor an endpoint") as caught:
        session.judgements(judge, ["A or B?"])
    assert caught.value.where == "--judge"


def test_an_endpoint_with_several_models_is_not_one_judge(served, context, platform, session):
    platform.serving.add_adapter(context, "tuned", ADAPTER)
    with pytest.raises(MlccError, match="has several models"):
        session.judgements("demo-endpoint", ["A or B?"])


def test_what_is_lacking(context, answering, session):
    words = answering.lacks(context, "log_probabilities")
    assert "mlcc runs show RUN" in words
    assert "--platform local" in words
    assert "\n" not in words
    assert "mlcc evaluate" not in words  # a command that lacks what it needs
    assert "…" not in words
    for need in ("reply", "reward", "judge"):
        assert answering.lacks(context, need) is None
    with pytest.raises(MlccError, match="An endpoint runs no benchmarks") as caught:
        answering.find_benchmark(context, "arc_easy")
    assert "--platform local" in str(caught.value.hint)
