"""Imported models asked through the real runtime: test, chat, evaluations; cold and busy ones."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading

import openai
import pytest

import mlcc_core.cli.serve.serve as serve_command
from mlcc_core.contract.job import Output
from mlcc_core.contract.platform.answering import Prompt
from mlcc_core.contract.platform.chatting import Piece
from mlcc_core.errors import MlccError, PlatformError, TransientError
from mlcc_sagemaker.answering.retrying import Patience
from mlcc_sagemaker.parts.answering import EndpointAnswering
from tests.aws_account.door.answers import ServiceError
from tests.plugins.mlcc_sagemaker.artifacts import ADAPTER, MODEL, put
from tests.plugins.mlcc_sagemaker.bedrock.conftest import config_of

QUICK = Patience(seconds=0.5, first=0.01, longest=0.05, waking=5.0)
HELLO = Prompt(({"role": "user", "content": "Hello"},))


@pytest.fixture
def imported(around, platform, stored):
    platform.serving.deploy_to(around, "bedrock", "tuned-v1", MODEL)
    stored.log.clear()
    return EndpointAnswering(patience=QUICK)


def reply(answering, context, prompt=HELLO):
    subject = answering.find_subject(context, "tuned-v1")
    with answering.open_chat(context, [subject]) as chat:
        return list(chat.reply(subject, prompt))


def said(items):
    return "".join(item.text for item in items if isinstance(item, Piece))


def test_the_request_and_the_pieces_of_its_reply(imported, around, stored):
    bodies, answer = [], stored.runtime.responder
    stored.runtime.responder = lambda name, body: bodies.append(body) or answer(name, body)
    items = reply(imported, around)
    assert said(items) == "tuned-v1 says: Hello"
    assert items[-1].ended is True
    sent = stored.log.only("InvokeModelWithResponseStream").params
    assert sent["modelId"].startswith("arn:aws:bedrock:us-east-1:123456789012:imported-model/")
    [body] = bodies
    assert body["messages"] == [{"role": "user", "content": "Hello"}]
    assert (body["temperature"], body["stream"]) == (0, True)


@pytest.mark.parametrize("changes", [{}, {"torch_dtype": None, "dtype": "bfloat16"}])
def test_a_run_is_asked_where_its_output_was_imported(around, platform, stored, changes):
    """As it is, or copied with configs that Bedrock reads."""
    config = "out/model/checkpoints/hf_merged/config.json"
    put(stored, "", {config: config_of(**changes)})
    made = platform.serving.deploy_to(around, "bedrock", "tuned-v1", MODEL)
    assert ("/imports/" in made.source) == bool(changes)
    subject = platform.answering.run_subject(around, "a-job", "model", Output("model", MODEL))
    assert (subject.title, subject.deployed) == ("a-job", "tuned-v1")


def test_how_long_a_model_that_is_loaded_is_waited_for(imported, around, stored):
    stored.bedrock.cold = 4
    subject = imported.find_subject(around, "tuned-v1")
    with imported.open(around, [subject]) as session:
        assert [answer.text for _, answer in session.replies(subject, [HELLO], 8)]
    assert [line for line in around.said if line.endswith("Trying again, for 5 s.")]


def test_a_model_that_is_loaded_first(imported, around, stored):
    stored.bedrock.cold = 4
    assert said(reply(imported, around)) == "tuned-v1 says: Hello"
    told = [line for line in around.said if line.startswith("⏳ Bedrock loads 'tuned-v1'")]
    assert len(told) == 1
    stored.bedrock.cold = 10_000
    impatient = EndpointAnswering(patience=Patience(0.1, 0.01, 0.02, waking=0.3))
    with pytest.raises(TransientError, match="Bedrock loads 'tuned-v1'"):
        reply(impatient, around)


@pytest.mark.parametrize("kind", ["throttled", "failed", "refused", "lost"])
def test_requests_that_fail_are_tried_again(imported, around, stored, kind):
    stored.inject("InvokeModelWithResponseStream", kind)
    assert said(reply(imported, around)) == "tuned-v1 says: Hello"


def test_replies_come_whole_where_streams_are_not_allowed(imported, around, stored):
    stored.inject("InvokeModelWithResponseStream", "denied", times=None)
    assert said(reply(imported, around)) == "tuned-v1 says: Hello"
    assert any("bedrock:InvokeModelWithResponseStream is missing" in line for line in around.said)


def test_refusals_are_one_line(imported, around, stored):
    def refuse(name, document):
        raise ServiceError(
            "ValidationException", "This model's maximum context length is 9 tokens."
        )

    stored.runtime.responder = refuse
    with pytest.raises(MlccError, match="could not answer: This model's maximum context") as caught:
        reply(imported, around)
    assert not isinstance(caught.value, PlatformError)


def test_a_model_that_is_gone(imported, around, stored):
    subject = imported.find_subject(around, "tuned-v1")
    with imported.open_chat(around, [subject]) as chat:
        stored.client("bedrock").delete_imported_model(modelIdentifier="tuned-v1")
        with pytest.raises(PlatformError, match="does not answer in Bedrock"):
            list(chat.reply(subject, HELLO))
    with pytest.raises(MlccError, match="is not in Bedrock"):
        imported.find_subject(around, "tuned-v1")


def test_many_rows_are_answered(imported, around):
    subject = imported.find_subject(around, "tuned-v1")
    with imported.open(around, [subject]) as session:
        found = dict(session.replies(subject, [HELLO] * 5, 16))
    assert [found[n].text for n in range(5)] == ["tuned-v1 says: Hello"] * 5


def test_another_import_has_another_fingerprint(imported, around, platform):
    first = imported.find_subject(around, "tuned-v1")
    platform.serving.remove_adapter(around, "tuned-v1")
    platform.serving.deploy_to(around, "bedrock", "tuned-v1", MODEL)
    second = imported.find_subject(around, "tuned-v1")
    assert first.fingerprint != second.fingerprint
    assert not imported.has_base(around, second)


def test_chat_and_test_by_the_command_line(project, stored, monkeypatch):
    to = ("deploy", "--to", "bedrock", "--model-data", MODEL, "--name", "tuned-v1", "--yes")
    assert project(*to).code == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Hello\nAgain\n")))
    ran = project("chat", "tuned-v1")
    assert ran.code == 0, ran
    assert "tuned-v1 says: Hello" in ran.out
    assert "tuned-v1 says: Again" in ran.out
    ran = project("test", "Hi", "Ho", "--ic", "tuned-v1", "--json")
    assert ran.code == 0, ran
    answers = json.loads(ran.out)["answers"]
    assert [row["answer"] for row in answers] == ["tuned-v1 says: Hi", "tuned-v1 says: Ho"]
    assert [row["base"] for row in answers] == [None, None]


def test_the_base_is_asked_too_where_it_is_deployed(project, stored):
    to = ("deploy", "--to", "bedrock", "--model-data", MODEL, "--name", "tuned-v1", "--yes")
    assert project(*to).code == 0
    assert project("deploy", "--yes").code == 0
    ran = project("test", "--ic", "tuned-v1", "--prompt", "Hi")
    assert ran.code == 0, ran
    assert "Base:   demo-endpoint-base says: Hi" in ran.out
    assert "✅ tuned-v1 answers differently from its base." in ran.out
    ran = project("adapter", "add", "tuned-v1", "--weights", ADAPTER)
    assert "The name 'tuned-v1' is taken" in ran.err
    assert project("adapter", "remove", "tuned-v1").code == 0
    assert [item["modelName"] for item in stored.imports.models.values()] == []


@pytest.mark.slow
def test_it_is_served_without_a_base(project, stored, monkeypatch):
    to = ("deploy", "--to", "bedrock", "--model-data", MODEL, "--name", "tuned-v1", "--yes")
    assert project(*to).code == 0
    answers, shown = [], serve_command.show_ready

    def ask(ready):
        try:
            with openai.OpenAI(base_url=ready.url, api_key="none", max_retries=0) as client:
                messages = [{"role": "user", "content": "Hello"}]
                asked = client.chat.completions.create(model="tuned-v1", messages=messages)
                answers.append(asked.choices[0].message.content)
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    def show_ready(console, ready):
        shown(console, ready)
        threading.Thread(target=ask, args=(ready,), daemon=True).start()

    monkeypatch.setattr(serve_command, "show_ready", show_ready)
    ran = project("serve", "tuned-v1", "--port", "0")
    assert ran.code == 0, ran
    assert answers == ["tuned-v1 says: Hello"]
    ran = project("serve")
    assert "No base model is deployed" in ran.err
