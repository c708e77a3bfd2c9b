"""Replies of a deployed endpoint: many at once, through throttling, until it is gone."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from threading import Event, Lock

import pytest

from mlcc_core import (
    Answer,
    AskingPlan,
    MlccError,
    PlatformError,
    Prompt,
    TransientError,
)
from mlcc_sagemaker.answering.at_once import AtOnce
from mlcc_sagemaker.answering.retrying import Patience
from mlcc_sagemaker.parts.answering import WORKERS, EndpointAnswering
from tests.aws_account.door.answers import ServiceError
from tests.aws_account.serving.runtime import reply
from tests.plugins.mlcc_sagemaker.artifacts import ADAPTER
from tests.plugins.mlcc_sagemaker.conftest import QWEN

QUICK = Patience(seconds=0.5, first=0.01, longest=0.05)


@pytest.fixture
def answering():
    return EndpointAnswering(patience=QUICK)


@pytest.fixture
def tuned(served, context, platform, answering):
    """The subjects: an adapter that is deployed, and its base."""
    platform.serving.add_adapter(context, "tuned", ADAPTER)
    subjects = [answering.find_subject(context, "tuned"), answering.base_subject(context, QWEN)]
    served.log.clear()
    return subjects


def prompts(count=40):
    return [Prompt(({"role": "user", "content": f"question {n}"},)) for n in range(count)]


def asked(account):
    """How often each component was asked."""
    calls = account.log.calls("InvokeEndpoint")
    return Counter(call.params["InferenceComponentName"] for call in calls)


def ask_all(answering, context, subjects, rows, longest=16):
    """Ask all subjects at the same time; texts by title, in the order of the rows."""
    with answering.open(context, subjects) as session:
        streams = [(s, session.replies(s, rows, longest)) for s in subjects]
        return {s.title: [a for _, a in sorted(stream)] for s, stream in streams}


def test_every_row_is_asked_once_of_each(served, context, answering, tuned):
    def answer(component, document):
        time.sleep(0.02)
        return reply(component, document)

    served.runtime.responder = answer
    found = ask_all(answering, context, tuned, prompts(40))
    for title, component in (("tuned", "tuned"), ("base", "demo-endpoint-base")):
        expected = [f"{component} says: question {n}" for n in range(40)]
        assert [answer.text for answer in found[title]] == expected
    assert asked(served) == {"tuned": 40, "demo-endpoint-base": 40}
    assert 1 < served.runtime.at_once <= WORKERS


def test_the_counts_that_are_told_are_those_asked(served, context, answering, tuned):
    rows = prompts(40)
    characters = sum(len(p.messages[0]["content"]) for p in rows) * 2
    plan = AskingPlan(tuple(tuned), 80, 0, 16, characters)
    first, second = answering.notice(context, plan)
    assert first == (
        f"📋 80 requests to the endpoint demo-endpoint (tuned, base), {WORKERS} at a time"
    )
    assert second == (
        f"   tokens: about {-(-characters // 4):,} of prompts (estimated from their characters), "
        "at most 1,280 of replies; the endpoint costs by the hour"
    )
    limits = []

    def answer(component, document):
        limits.append(document["max_tokens"])
        return reply(component, document)

    served.runtime.responder = answer
    ask_all(answering, context, tuned, rows)
    assert len(limits) == 80 == sum(asked(served).values())
    assert sum(limits) == 1280
    assert answering.notice(context, replace(plan, replies=0)) == ()


def test_rewards_and_judgements_are_told_before(served, context, answering, tuned):
    plan = AskingPlan(tuple(tuned), 0, 0, 16, 0, scored=40, judged=1)
    assert answering.notice(context, plan) == (
        "📋 40 replies to be scored by the run's Lambda function, 16 in one invocation",
        "📋 1 row to be judged: at most 2 questions a row, and 512 tokens of each answer",
    )


def test_models_are_asked_at_the_same_time(served, context, answering, tuned):
    """Neither answers before the other one was asked."""
    both = {name: Event() for name in ("tuned", "demo-endpoint-base")}

    def answer(component, document):
        both[component].set()
        assert all(event.wait(60) for event in both.values())
        return reply(component, document)

    served.runtime.responder = answer
    found = ask_all(EndpointAnswering(workers=4), context, tuned, prompts(2))
    assert {title: len(answers) for title, answers in found.items()} == {"tuned": 2, "base": 2}


def test_results_come_as_they_are_ready(served, context, answering, tuned):
    last = Event()

    def answer(component, document):
        if document["messages"][0]["content"] == "question 0":
            assert last.wait(60)
        return reply(component, document)

    served.runtime.responder = answer
    with answering.open(context, tuned) as session:
        order = []
        for index, _ in session.replies(tuned[0], prompts(20), 16):
            order.append(index)
            if index == 19:
                last.set()
    assert order.index(0) > order.index(19)
    assert sorted(order) == list(range(20))


def test_what_is_sent_and_what_is_read(served, context, answering, tuned):
    sent = []

    def answer(component, document):
        sent.append(document)
        message = {"content": "<think>\nA sum.\n</think>\n\n4", "role": "assistant"}
        return {
            "choices": [{"message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 7, "completion_tokens": 9},
        }

    served.runtime.responder = answer
    messages = (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "2 + 2 ="},
    )
    tools = ({"type": "function", "function": {"name": "add", "parameters": {}}},)
    found = ask_all(answering, context, tuned[:1], [Prompt(messages, tools)], longest=33)
    assert found == {"tuned": [Answer("4", 9, True)]}
    assert sent == [
        {"messages": list(messages), "max_tokens": 33, "temperature": 0, "tools": list(tools)}
    ]


def test_throttled_twice_and_then_fine(served, context, answering, tuned):
    served.inject("InvokeEndpoint", "throttled", times=2)
    found = ask_all(answering, context, tuned[:1], prompts(1))
    assert found["tuned"][0].text == "tuned says: question 0"
    assert asked(served) == {"tuned": 3}
    told = [line for line in context.said if "throttles" in line]
    throttled = "Cannot ask tuned: AWS throttles requests (ThrottlingException)."
    assert told == [f"⏳ {throttled} Trying again, for 0 s."]


@pytest.mark.parametrize(
    "error",
    [
        ServiceError("ModelNotReadyException", "Model is not ready.", 429),
        ServiceError("InternalFailure", "An internal failure occurred.", 500),
        ServiceError("ServiceUnavailable", "The service is unavailable.", 503),
        ServiceError(
            "ModelError",
            'Received server error (503) from primary with message "busy".',
            424,
            {"OriginalStatusCode": 503},
        ),
    ],
    ids=lambda error: f"{error.code}-{error.status}",
)
def test_what_passes_is_tried_again(served, context, answering, tuned, error):
    left = [error, error]

    def answer(component, document):
        if left:
            raise left.pop()
        return reply(component, document)

    served.runtime.responder = answer
    found = ask_all(answering, context, tuned[:1], prompts(1))
    assert found["tuned"][0].text == "tuned says: question 0"


@pytest.mark.parametrize("kind", ["lost", "cut", "truncated", "page"])
def test_an_answer_that_is_lost_or_spoilt_on_its_way(served, context, answering, tuned, kind):
    served.inject("InvokeEndpoint", kind, times=1)
    found = ask_all(answering, context, tuned[:1], prompts(1))
    assert found["tuned"][0].text == "tuned says: question 0"


def test_a_reply_that_broke_off_is_asked_again(served, context, answering, tuned):
    left = ["abort", "error"]

    def answer(component, document):
        if left:
            return {"choices": [{"message": {"content": ""}, "finish_reason": left.pop()}]}
        return reply(component, document)

    served.runtime.responder = answer
    found = ask_all(answering, context, tuned[:1], prompts(1))
    assert found["tuned"][0].text == "tuned says: question 0"
    left[:] = ["abort"] * 9
    with pytest.raises(TransientError, match="'tuned' answered something that is not a reply"):
        ask_all(answering, context, tuned[:1], prompts(1))
    assert len(left) == 6


def test_throttled_for_ever_is_one_line(served, context, answering, tuned):
    served.inject("InvokeEndpoint", "throttled", times=None)
    began = time.monotonic()
    with pytest.raises(TransientError) as caught:
        ask_all(answering, context, tuned[:1], prompts(40))
    assert time.monotonic() - began < 40 * QUICK.seconds  # as one after the other would take
    error = caught.value
    assert error.what.startswith(
        "Cannot ask tuned: AWS throttles requests (ThrottlingException) (tried "
    )
    assert "\n" not in error.what
    assert error.hint == "run the same command again: it goes on where it was"
    assert error.exit_code == 3


def test_a_fault_that_may_be_the_requests_own_is_not_tried_for_long(
    served, context, answering, tuned
):
    def answer(component, document):
        text = 'Received server error (500) from primary with message "CUDA out of memory".'
        raise ServiceError("ModelError", text, 424, {"OriginalStatusCode": 500})

    served.runtime.responder = answer
    with pytest.raises(PlatformError, match=r"'tuned' could not answer: .*CUDA out"):
        ask_all(answering, context, tuned[:1], prompts(1))
    assert asked(served) == {"tuned": 3}


def test_a_prompt_that_the_container_refuses(served, context, answering, tuned):
    """The replies to the others are kept."""

    def answer(component, document):
        if document["messages"][0]["content"] == "question 7":
            text = 'Received client error (400) from primary with message "too long".'
            raise ServiceError("ModelError", text, 424, {"OriginalStatusCode": 400})
        return reply(component, document)

    served.runtime.responder = answer
    kept = []
    with (
        answering.open(context, tuned) as session,
        pytest.raises(MlccError, match=r"'tuned' could not answer: .*too long") as caught,
    ):
        kept.extend(session.replies(tuned[0], prompts(8), 16))
    assert caught.value.exit_code == 1
    assert sorted(index for index, _ in kept) == list(range(7))


@pytest.mark.parametrize("gone", ["endpoint", "component"])
def test_gone_half_way(served, context, answering, tuned, gone):
    """Replies so far are kept; the line names what is gone."""
    lock, answered = Lock(), []

    def answer(component, document):
        with lock:
            answered.append(component)
            if len(answered) == 20:
                remove(served, gone)
        return reply(component, document)

    served.runtime.responder = answer
    kept = []
    with (
        answering.open(context, tuned) as session,
        pytest.raises(PlatformError) as caught,
    ):
        kept.extend(session.replies(tuned[0], prompts(40), 16))
    assert 20 <= len(kept) < 40
    assert len(answered) == len(kept)
    error = caught.value
    assert error.exit_code == 3
    name = "Endpoint demo-endpoint" if gone == "endpoint" else "Inference Component tuned"
    assert error.what.startswith("'tuned' does not answer on the endpoint demo-endpoint: ")
    assert name in error.what
    assert "\n" not in error.what


def remove(account, kind):
    """Take down the adapter, or everything, as another terminal would."""
    with account.account.lock:
        account.components.components.pop("tuned")
        if kind == "endpoint":
            account.serving.endpoints.pop("demo-endpoint")


def test_a_missing_permission_is_named(served, context, answering, tuned):
    served.inject("InvokeEndpoint", "denied", times=None)
    with pytest.raises(PlatformError) as caught:
        ask_all(answering, context, tuned, prompts(20))
    error = caught.value
    assert error.what == (
        "Cannot ask tuned: access denied; the permission sagemaker:InvokeEndpoint is missing."
    )
    assert error.hint == "mlcc bootstrap"
    words = " ".join([str(error), *error.detail, *context.said])
    assert served.environment["AWS_SECRET_ACCESS_KEY"] not in words
    assert sum(asked(served).values()) <= 2 * WORKERS  # one window each


def test_nothing_more_is_asked_once_it_is_not_wanted(served, context, answering, tuned):
    with answering.open(context, tuned) as session:
        stream = session.replies(tuned[0], prompts(400), 16)
        next(stream)
    time.sleep(0.3)
    assert sum(asked(served).values()) < 4 * WORKERS


def test_a_session_with_something_that_is_not_in_service(served, context, answering, tuned):
    gone = replace(tuned[0], deployed="other", fingerprint="x")
    with (
        pytest.raises(MlccError, match="'other' is not deployed on the endpoint demo-endpoint"),
        answering.open(context, [gone]),
    ):
        pass


def test_errors_come_after_the_results_that_were_under_way():
    requests = AtOnce(2)
    failed = Event()

    def step(item, stopped):
        if item == "bad":
            failed.set()
            raise ValueError(item)
        assert failed.wait(60)
        return item

    found = []
    with pytest.raises(ValueError, match="bad"):
        found.extend(requests.each(step, ["good", "bad", "never"]))
    assert found == [(0, "good")]
    requests.close()
