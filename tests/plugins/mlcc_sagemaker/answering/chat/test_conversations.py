"""Conversations with a deployed endpoint, read as they come by the real boto3."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest

from mlcc_core import (
    MlccError,
    Piece,
    PlatformError,
    Prompt,
    PromptTooLong,
    ReplyEnd,
    Sampling,
    TransientError,
)
from mlcc_sagemaker.answering.retrying import Patience
from mlcc_sagemaker.parts.answering import EndpointAnswering
from tests.aws_account.door.answers import ServiceError
from tests.aws_account.serving.runtime import reply
from tests.aws_account.serving.streaming import event
from tests.plugins.mlcc_sagemaker.artifacts import ADAPTER
from tests.plugins.mlcc_sagemaker.conftest import QWEN

STREAM = "InvokeEndpointWithResponseStream"
QUICK = Patience(seconds=0.5, first=0.01, longest=0.05, again="ask again")
WAIT = 10.0
HELLO = Prompt(({"role": "user", "content": "Hello"},))


@pytest.fixture
def answering():
    return EndpointAnswering(patience=QUICK)


@pytest.fixture
def tuned(served, context, platform, answering):
    platform.serving.add_adapter(context, "tuned", ADAPTER)
    found = answering.find_subject(context, "tuned")
    served.log.clear()
    return found


@pytest.fixture
def chat(context, answering, tuned):
    with answering.open_chat(context, [tuned]) as session:
        yield session


def content(text="", **more):
    return event({"choices": [{"delta": {"content": text}, "finish_reason": None, **more}]})


def saying(*texts, reason="stop"):
    """A container that says these texts, an event each."""

    def stream(component, document):
        yield from (content(text) for text in texts)
        yield content(finish_reason=reason)
        yield b"data: [DONE]\n\n"

    return stream


def text_of(said):
    return "".join(each.text for each in said if isinstance(each, Piece) and not each.thought)


def test_a_reply_and_its_end(served, chat, tuned):
    usage = {"prompt_tokens": 7, "completion_tokens": 4}
    served.runtime.responder = lambda *asked: {**reply(*asked), "usage": usage}
    *pieces, end = chat.reply(tuned, HELLO)
    assert text_of(pieces) == "tuned says: Hello"
    assert end == ReplyEnd(True, 4, 7)
    asked = [f"sagemaker-runtime:{STREAM}"]
    assert served.log.names() == ["sagemaker:DescribeInferenceComponent", *asked]


def test_the_base_and_another_model_are_asked_too(served, context, answering, chat, tuned):
    base = answering.base_subject(context, QWEN)
    assert text_of(chat.reply(base, HELLO)) == "demo-endpoint-base says: Hello"
    assert text_of(chat.reply(tuned, HELLO, prompted_as=base)) == "tuned says: Hello"


def test_what_is_sent(served, chat, tuned):
    sent = []

    def answer(component, document):
        sent.append(document)
        return reply(component, document)

    served.runtime.responder = answer
    messages = (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "2 + 2 ="},
        {"role": "assistant", "content": "4"},
        {"role": "user", "content": "And 3 + 3?"},
    )
    tools = ({"type": "function", "function": {"name": "add", "parameters": {}}},)
    sampling = Sampling(0.7, 0.9, 33, 5, ("\n\n",))
    list(chat.reply(tuned, Prompt(messages, tools), sampling))
    list(chat.reply(tuned, HELLO))
    streamed = {"stream": True, "stream_options": {"include_usage": True}}
    assert sent == [
        {
            "messages": list(messages),
            "tools": list(tools),
            "max_tokens": 33,
            "temperature": 0.7,
            "top_p": 0.9,
            "seed": 5,
            "stop": ["\n\n"],
            **streamed,
        },
        {"messages": list(HELLO.messages), "temperature": 0.0, **streamed},
    ]


def test_pieces_come_as_the_container_says_them(served, chat, tuned):
    """A model whose first reply was without thoughts is not held back any more."""
    list(chat.reply(tuned, HELLO))
    read = Event()

    def stream(component, document):
        yield content("one")
        assert read.wait(WAIT)
        yield from saying(" two")(component, document)

    served.runtime.streamer = stream
    said = chat.reply(tuned, HELLO)
    assert next(said) == Piece("one")
    read.set()
    assert list(said) == [Piece(" two"), ReplyEnd(True)]


def test_thoughts_are_told_apart(served, chat, tuned):
    served.runtime.streamer = saying("<think>", "A sum.", "</th", "ink>\n\n", "4")
    *pieces, end = chat.reply(tuned, HELLO)
    assert pieces == [Piece("A sum.", thought=True), Piece("4")]
    assert end == ReplyEnd(True)


def test_a_template_that_opens_the_thought(served, chat, tuned):
    """No reply of such a model is taken for one without thoughts, the one that was cut neither."""
    served.runtime.streamer = saying("A su", reason="length")
    assert list(chat.reply(tuned, HELLO)) == [Piece("A su"), ReplyEnd(False)]
    served.runtime.streamer = saying("A sum.</think>", "4")
    for _ in range(2):
        said = list(chat.reply(tuned, HELLO))
        assert said == [Piece("A sum.", thought=True), Piece("4"), ReplyEnd(True)]


def test_a_container_that_answers_whole(served, chat, tuned):
    served.runtime.responder = lambda component, document: [{"generated_text": "4"}]
    assert list(chat.reply(tuned, HELLO)) == [Piece("4"), ReplyEnd()]


def test_a_container_that_knows_no_numbers_of_tokens(served, chat, tuned):
    def answer(component, document):
        if "stream_options" in document:
            words = "Extra inputs are not permitted: stream_options"
            text = f'Received client error (422) from primary with message "{words}".'
            raise ServiceError("ModelError", text, 424, {"OriginalStatusCode": 422})
        return reply(component, document)

    served.runtime.responder = answer
    for _ in range(2):
        assert text_of(chat.reply(tuned, HELLO)) == "tuned says: Hello"
    assert len(served.log.calls(STREAM)) == 3


def test_without_the_permission_to_stream_replies_come_whole(served, context, chat, tuned):
    served.inject(STREAM, "denied", times=None)
    for _ in range(2):
        assert text_of(chat.reply(tuned, HELLO)) == "tuned says: Hello"
    assert len(served.log.calls(STREAM)) == 1
    assert len(served.log.calls("InvokeEndpoint")) == 2
    told = [line for line in context.said if "permission" in line]
    assert told == [f"ℹ️  Replies come whole: the permission sagemaker:{STREAM} is missing."]
    served.inject("InvokeEndpoint", "denied", times=None)
    with pytest.raises(PlatformError, match="the permission sagemaker:InvokeEndpoint is missing"):
        list(chat.reply(tuned, HELLO))


@pytest.mark.parametrize("kind", ["throttled", "failed", "lost", "cut", "truncated", "page"])
def test_what_passes_is_tried_again_before_the_first_piece(served, context, chat, tuned, kind):
    served.inject(STREAM, kind)
    assert text_of(chat.reply(tuned, HELLO)) == "tuned says: Hello"
    assert len(served.log.calls(STREAM)) == 2
    assert len([line for line in context.said if line.endswith("Trying again.")]) == 1


def test_throttled_for_ever_is_one_line(served, chat, tuned):
    served.inject(STREAM, "throttled", times=None)
    with pytest.raises(TransientError, match=r"AWS throttles requests .*\(tried ") as caught:
        list(chat.reply(tuned, HELLO))
    assert caught.value.hint == "ask again"


BROKEN = ServiceError("ModelStreamError", "TCP", more={"ErrorCode": "StreamBroken"})
REFUSED = ServiceError("ModelStreamError", "Received client error (400) from primary: bad")
INTERNAL = ServiceError("InternalStreamFailure", "Try again.")


@pytest.mark.parametrize(
    ("failure", "kind", "words"),
    [
        (BROKEN, TransientError, "The reply of 'tuned' broke off: TCP."),
        (INTERNAL, TransientError, "The reply of 'tuned' broke off: Try again."),
        (REFUSED, MlccError, f"'tuned' could not answer: {REFUSED.message}"),
        ({"error": {"message": "no", "code": 500}}, TransientError, "'tuned' could not answer: no"),
        ({"error": {"message": "bad", "code": 400}}, MlccError, "'tuned' could not answer: bad"),
        (None, TransientError, "The reply of 'tuned' broke off: it has no end."),
    ],
)
def test_an_error_in_the_middle_keeps_what_came(served, chat, tuned, failure, kind, words):
    list(chat.reply(tuned, HELLO))  # from now on pieces come at once
    served.log.clear()

    def stream(component, document):
        yield content("fo")
        if isinstance(failure, ServiceError):
            raise failure
        if failure is not None:
            yield event(failure)

    served.runtime.streamer = stream
    said = chat.reply(tuned, HELLO)
    assert next(said) == Piece("fo")
    with pytest.raises(MlccError) as caught:
        next(said)
    assert type(caught.value).__mro__.index(kind) <= 1
    assert caught.value.what == words
    assert len(served.log.calls(STREAM)) == 1


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("This model's maximum context length is 4096 tokens. However, …", PromptTooLong),
        ("The decoder prompt (length 9) is longer than the maximum model length", PromptTooLong),
        ("`inputs` tokens + `max_new_tokens` must be <= 4096", PromptTooLong),
        ("temperature must be >= 0", MlccError),
    ],
)
def test_a_prompt_that_the_container_refuses(served, chat, tuned, words, kind):
    def answer(component, document):
        text = f'Received client error (400) from primary with message "{words}".'
        raise ServiceError("ModelError", text, 424, {"OriginalStatusCode": 400})

    served.runtime.responder = answer
    with pytest.raises(MlccError, match="'tuned' could not answer: ") as caught:
        list(chat.reply(tuned, HELLO))
    assert type(caught.value) is kind
    assert caught.value.exit_code == 1


def test_an_answer_that_is_none(served, chat, tuned):
    served.runtime.responder = lambda component, document: {"text": "no"}
    with pytest.raises(PlatformError, match="not a reply"):
        list(chat.reply(tuned, HELLO))


def test_a_model_that_is_gone_or_never_was(served, context, answering, chat, tuned):
    other = replace(tuned, deployed="other", fingerprint="x")
    for ask in (lambda: chat.prepare(other), lambda: next(chat.reply(other, HELLO))):
        with pytest.raises(MlccError, match="'other' is not deployed") as caught:
            ask()
        assert caught.value.hint == "./do/adapter list"
    assert text_of(chat.reply(tuned, HELLO)) == "tuned says: Hello"
    with served.account.lock:
        served.components.components.pop("tuned")
    with pytest.raises(PlatformError, match="'tuned' does not answer on the endpoint"):
        list(chat.reply(tuned, HELLO))


def test_a_reply_that_is_closed_ends_at_the_container(served, chat, tuned):
    ended = Event()

    def endless(component, document):
        try:
            yield content("<think>")
            while True:
                yield content("more")
                time.sleep(0.005)
        finally:
            ended.set()

    served.runtime.streamer = endless
    said = chat.reply(tuned, HELLO)
    assert next(said) == Piece("more", thought=True)
    said.close()
    assert ended.wait(WAIT)


def test_several_threads_ask_at_the_same_time(served, chat, tuned):
    def ask(number):
        prompt = Prompt(({"role": "user", "content": f"question {number}"},))
        return text_of(chat.reply(tuned, prompt))

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(ask, range(24)))
    assert found == [f"tuned says: question {number}" for number in range(24)]
    assert len(served.log.calls("DescribeInferenceComponent")) == 1
