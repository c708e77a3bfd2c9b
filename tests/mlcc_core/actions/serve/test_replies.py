"""Replies of the server, as the client of OpenAI reads them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest

from mlcc_core.contract.platform.chatting import Piece, PromptTooLong, ReplyEnd
from mlcc_core.errors import PlatformError
from mlcc_core.testing.parts.answering import FakeChatSession
from tests.mlcc_core.actions.serve.conftest import Running, Start


def test_a_whole_reply(running: Start):
    server = running()
    found = server.ask("hello there", "one")
    assert found.choices[0].message.content == "one: hello there"
    assert found.choices[0].message.role == "assistant"
    assert found.choices[0].finish_reason == "stop"
    assert (found.model, found.object) == ("one", "chat.completion")
    assert found.id.startswith("chatcmpl-")
    assert abs(found.created - time.time()) < 60
    assert found.usage.model_dump()["total_tokens"] == 5


def test_a_streamed_reply(running: Start):
    chunks = list(running().ask("hello there", "two", stream=True))
    texts = [chunk.choices[0].delta.content for chunk in chunks]
    assert texts == ["two:", " hello", " there", None]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None, None, None, "stop"]
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks)


def test_a_streamed_reply_with_usage(running: Start):
    options = {"include_usage": True}
    *others, last = running().ask(stream=True, stream_options=options)
    assert last.choices == []
    assert (last.usage.prompt_tokens, last.usage.completion_tokens) == (2, 3)
    assert all(chunk.usage is None for chunk in others)


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_reply_that_a_limit_cuts(running: Start, limit: str):
    choice = running().ask("hello there", **{limit: 2}).choices[0]
    assert (choice.message.content, choice.finish_reason) == ("base: hello", "length")


def test_how_a_reply_is_chosen(running: Start):
    server = running()
    server.ask()
    server.ask(temperature=0.7, top_p=0.5, seed=3, stop="\n")
    server.ask(temperature=0, stop=["a", "b"])
    greedy, drawn, stopped = (sampling for _, sampling in server.fake.chatted)
    assert (greedy.temperature, greedy.top_p, greedy.seed, greedy.stop) == (0, 1, None, ())
    assert (drawn.temperature, drawn.top_p, drawn.seed, drawn.stop) == (0.7, 0.5, 3, ("\n",))
    assert (stopped.temperature, stopped.stop) == (0, ("a", "b"))


def test_thoughts_are_not_part_of_the_answer(running: Start, monkeypatch: pytest.MonkeyPatch):
    def reply(*_: object, **__: object) -> Iterator[Piece | ReplyEnd]:
        yield Piece("Hm", thought=True)
        yield Piece(".", thought=True)
        yield Piece("Four")
        yield ReplyEnd()

    monkeypatch.setattr(FakeChatSession, "reply", reply)
    server = running()
    found = server.ask()
    assert found.choices[0].message.content == "Four"
    assert found.choices[0].message.reasoning_content == "Hm."
    assert (found.usage, found.choices[0].finish_reason) == (None, "stop")
    deltas = [chunk.choices[0].delta.model_dump() for chunk in server.ask(stream=True)]
    assert [delta.get("reasoning_content") for delta in deltas] == ["Hm", ".", None, None]


def test_models(running: Start):
    server = running()
    client = server.client()
    assert [model.id for model in client.models.list()] == ["fake-model", "base", "one", "two"]
    assert client.models.retrieve("one").id == "one"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("three")


def test_errors_of_a_model(running: Start):
    server = running()
    for error, status, code in (
        (PromptTooLong("The prompt has 9 tokens, and 8 fit."), 400, "context_length_exceeded"),
        (PlatformError("The process that answers has died."), 503, "model_unavailable"),
        (RuntimeError("inner secrets"), 500, "internal_error"),
    ):
        for stream in (False, True):
            server.fake.fail("reply", error)
            with pytest.raises(openai.APIStatusError) as caught:
                server.ask(stream=stream)
            assert (caught.value.status_code, caught.value.code) == (status, code)
            assert "inner secrets" not in caught.value.message
    assert server.ask().choices[0].finish_reason == "stop"
    assert "RuntimeError: inner secrets" in server.log[4]


def test_an_error_in_the_middle_of_a_stream(running: Start, monkeypatch: pytest.MonkeyPatch):
    def reply(*_: object, **__: object) -> Iterator[Piece]:
        yield Piece("Four")
        raise PlatformError("The process that answers has died.")

    monkeypatch.setattr(FakeChatSession, "reply", reply)
    stream = iter(running().ask(stream=True))
    assert next(stream).choices[0].delta.content == "Four"
    with pytest.raises(openai.APIError, match="has died"):
        next(stream)


def test_fifty_at_once(running: Start):
    server = running()
    server.fake.pause = 0.05
    names = ["base", "one", "two"] * 17

    def ask(number: int) -> str:
        return server.ask(str(number), names[number]).choices[0].message.content

    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(ask, range(50)))
    assert found == [f"{names[number]}: {number}" for number in range(50)]


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_goes_away_stops_its_reply(
    running: Start, monkeypatch: pytest.MonkeyPatch, stream: bool
):
    stopped = threading.Event()
    begun = threading.Event()

    def reply(*_: object, **__: object) -> Iterator[Piece]:
        try:
            while True:
                begun.set()
                yield Piece("on and on ")
                time.sleep(0.01)
        finally:
            stopped.set()

    monkeypatch.setattr(FakeChatSession, "reply", reply)
    server = running()
    if stream:
        found = server.ask(model="one", stream=True)
        next(iter(found))
        found.close()
    else:
        with pytest.raises(openai.APITimeoutError):
            server.ask(model="one", timeout=3)
    assert begun.is_set()
    assert stopped.wait(30)
    assert until(lambda: server.log)
    assert server.log[0].split()[:2] == ["one", "499"]


def until(seen) -> bool:
    ends = time.monotonic() + 30
    while not seen() and time.monotonic() < ends:
        time.sleep(0.01)
    return bool(seen())


def test_the_log_has_no_prompt(running: Start):
    server: Running = running()
    server.ask("a private question", "one")
    list(server.ask("a private question", "two", stream=True))
    assert until(lambda: len(server.log) == 2)
    assert [line.split()[:4] for line in server.log] == [
        ["one", "200", "4", "tokens"],
        ["two", "200", "4", "tokens"],
    ]
    assert "private" not in "".join(server.log)
