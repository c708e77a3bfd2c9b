"""Requests that cannot be answered as they are meant."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.actions.serve.forms.chat_request import IGNORED, NEUTRAL, read_request
from mlcc_core.actions.serve.forms.errors import ApiError
from tests.mlcc_core.actions.serve.conftest import Start

MESSAGES = [{"role": "user", "content": "Hi"}]
GOOD = {"model": "base", "messages": MESSAGES}


def read(**body: Any):
    return read_request(json.dumps({**GOOD, **body}).encode())


def refused(**body: Any) -> dict[str, Any]:
    with pytest.raises(ApiError) as caught:
        read(**body)
    assert caught.value.status == 400
    return caught.value.body["error"]


def test_a_field_of_a_message_that_no_model_would_be_told_is_refused():
    reply = {"role": "assistant", "content": "Hi", "function_call": {"name": "look"}}
    again = {"role": "user", "content": "And now?"}
    assert "function_call" in refused(messages=[reply, again])["message"]
    neutral = {**reply, "function_call": None, "refusal": None, "annotations": []}
    read(messages=[neutral, again])


def test_an_unknown_model(running: Start):
    server = running()
    with pytest.raises(openai.NotFoundError) as caught:
        server.ask(model="three")
    assert caught.value.code == "model_not_found"
    assert "Models: fake-model, base, one, two." in caught.value.message
    with pytest.raises(openai.NotFoundError, match="its weights are gone"):
        server.ask(model="broken")
    assert [line.split()[:3] for line in server.log] == [
        ["three", "404", "model_not_found"],
        ["broken", "404", "model_not_found"],
    ]


def test_the_key(running: Start):
    server = running("s3cret")
    for key in ("none", "s3cre", "s3crets", "schlüssel"):
        for path in ("/models", "/models/base"):
            with pytest.raises((openai.AuthenticationError, UnicodeEncodeError)) as caught:
                server.client(key).get(path, cast_to=object)
            if isinstance(caught.value, openai.AuthenticationError):
                assert caught.value.code == "invalid_api_key"
    assert server.post("{}")[0] == 401
    assert server.client("s3cret").models.retrieve("one").id == "one"
    assert server.client("none").get("/../health", cast_to=object) == {"status": "ok"}
    assert "s3cret" not in "".join(server.log)


def test_another_host(running: Start):
    """A page that found a name for 127.0.0.1 is not answered."""
    server = running()
    status, found = server.post(json.dumps(GOOD), host="evil.example:80")
    assert (status, found["error"]["code"]) == (403, "host_not_allowed")
    assert server.post(json.dumps(GOOD), host="localhost:1")[0] == 200


def test_bodies_that_are_not_read(running: Start):
    server = running()
    # A web page may send the first two to any address, without being asked.
    for kind in ("text/plain", "text/plain; a=application/json", ""):
        assert server.post(json.dumps(GOOD), **{"content-type": kind})[0] == 415
    assert (
        server.post(json.dumps(GOOD), **{"content-type": "Application/JSON; charset=utf-8"})[0]
        == 200
    )
    status, found = server.post(b" " * (8 * 2**20 + 1))
    assert (status, found["error"]["code"]) == (413, "request_too_large")
    for body in (b"", b"{", b"[]", b"nothing", b"\xff\xfe", b'{"model": "\\ud800"}'):
        status, found = server.post(body)
        assert (status, found["error"]["code"]) == (400, "invalid_value")


def test_other_paths(running: Start):
    server = running()
    with pytest.raises(openai.NotFoundError, match="POST /v1/chat/completions"):
        server.client().completions.create(model="base", prompt="Hi")
    with pytest.raises(openai.APIStatusError) as caught:
        server.client().get("/chat/completions", cast_to=object)
    assert caught.value.status_code == 405


@pytest.mark.parametrize("name", sorted(NEUTRAL))
def test_neutral_values_are_taken(name: str):
    for value in (None, *NEUTRAL[name]):
        read(**{name: value})


@pytest.mark.parametrize("name", sorted(IGNORED))
def test_values_that_change_nothing_are_taken(name: str):
    read(**{name: {"a": "b"}})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2),
        ("logprobs", True),
        ("response_format", {"type": "json_schema", "json_schema": {}}),
        ("logit_bias", {"50256": -100}),
        ("presence_penalty", 0.5),
        ("tool_choice", "required"),
        ("audio", {"voice": "alloy"}),
        ("modalities", ["text", "audio"]),
        ("top_k", 5),
        ("reasoning_effort", "high"),
        ("temprature", 0),
    ],
)
def test_what_would_change_a_reply_is_refused(name: str, value: object):
    error = refused(**{name: value})
    assert (error["param"], error["code"]) == (name, "unsupported_parameter")
    assert error["message"].startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("param", "body"),
    [
        ("model", {"model": None}),
        ("model", {"model": 3}),
        ("messages", {"messages": []}),
        ("messages", {"messages": "Hi"}),
        ("messages[0]", {"messages": ["Hi"]}),
        ("messages[0].role", {"messages": [{"role": "robot", "content": "Hi"}]}),
        ("messages[0].content", {"messages": [{"role": "user", "content": 3}]}),
        (
            "messages[0].content",
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
        ),
        ("messages[0].tool_calls", {"messages": [{"role": "assistant", "tool_calls": [{"a": 1}]}]}),
        ("messages", {"messages": [*MESSAGES, {"role": "assistant", "content": "Hello"}]}),
        ("temperature", {"temperature": -0.1}),
        ("temperature", {"temperature": "hot"}),
        ("temperature", {"temperature": True}),
        ("temperature", {"temperature": float("nan")}),
        ("top_p", {"top_p": 0}),
        ("max_tokens", {"max_tokens": 0}),
        ("max_tokens", {"max_tokens": 1.5}),
        ("max_completion_tokens", {"max_completion_tokens": True}),
        ("seed", {"seed": 2**63}),
        ("stop[0]", {"stop": ""}),
        ("stop[1]", {"stop": ["a", 3]}),
        ("stream", {"stream": "yes"}),
        ("stream_options", {"stream_options": {"include_usage": True}}),
        ("tools", {"tools": "weather"}),
    ],
)
def test_wrong_values_are_refused(param: str, body: dict[str, Any]):
    assert refused(**body)["param"] == param


def test_a_conversation_becomes_that_of_a_row():
    call = {"id": "c1", "type": "function", "function": {"name": "get", "arguments": '{"a": 1}'}}
    tool = {"type": "function", "function": {"name": "get", "parameters": {}}}
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    said = {"role": "assistant", "content": None, "refusal": None, "tool_calls": [call]}
    asked = read(
        messages=[
            {"role": "developer", "content": "Be short."},
            {"role": "user", "content": parts, "name": "Ann"},
            said,
            {"role": "tool", "tool_call_id": "c1", "content": "2"},
        ],
        tools=[tool],
    )
    called = {**call, "function": {"name": "get", "arguments": {"a": 1}}}
    assert asked.prompt.messages == (
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "a\nb", "name": "Ann"},
        {"role": "assistant", "content": "", "tool_calls": [called]},
        {"role": "tool", "content": "2", "tool_call_id": "c1"},
    )
    assert asked.prompt.tools == (tool,)
    assert read(tools=[tool], tool_choice="none").prompt.tools == ()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
known = st.sampled_from(
    [
        *("temperature", "top_p", "max_tokens", "stop", "seed", "stream", "stream_options"),
        *("tools", "messages", "model", "user", *NEUTRAL),
    ]
)


@given(body=st.dictionaries(known | st.text(max_size=5), anything, max_size=6))
def test_every_body_is_read_or_refused(body: dict[str, Any]):
    """No body is a bug; what is read asks for something possible."""
    try:
        asked = read(**body)
    except ApiError as error:
        assert (error.status, bool(str(error))) == (400, True)  # noqa: PT017 - or it is read
        return
    sampling = asked.sampling
    assert 0 <= sampling.temperature <= 2
    assert 0 < sampling.top_p <= 1
    assert sampling.max_new_tokens is None or sampling.max_new_tokens > 0
    assert all(sampling.stop)
    assert asked.prompt.messages
    json.dumps(asked.prompt.messages)
