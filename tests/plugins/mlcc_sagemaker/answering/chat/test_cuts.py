"""Streams cut anywhere say what they say whole: thoughts, chunks, characters."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core import Piece
from mlcc_sagemaker.answering.answers import without_thoughts
from mlcc_sagemaker.answering.chat.chunks import Chunk, Chunks, ContainerFailure
from mlcc_sagemaker.answering.chat.thoughts import Thoughts

WORDS = st.lists(
    st.sampled_from(["<think>", "</think>", "<think", "</", ">", "\n", "\n\n", " ", "four", "é"]),
    max_size=12,
).map("".join)


@st.composite
def cut(draw, texts):
    """A text, or bytes, and pieces of it that are cut anywhere."""
    text = draw(texts)
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    ends = [*places, len(text)]
    return text, [text[a:b] for a, b in zip([0, *places], ends, strict=True)]


def said(pieces, plain=False):
    thoughts = Thoughts(plain)
    found = [piece for text in pieces for piece in thoughts.feed(text)]
    return [*found, *thoughts.finish()]


def joined(pieces, thought=False):
    return "".join(piece.text for piece in pieces if piece.thought is thought)


@given(cut(WORDS))
def test_answers_are_those_of_the_whole(example):
    text, pieces = example
    found = said(pieces)
    assert joined(found) == without_thoughts(text)
    assert joined(found) == joined(said([text]))
    assert joined(found, thought=True) == joined(said([text]), thought=True)
    assert all(piece.text for piece in found)


@given(cut(WORDS.filter(lambda text: "</think>" not in text.partition("<think>")[0])))
def test_a_model_known_not_to_begin_in_a_thought_says_the_same(example):
    text, pieces = example
    assert joined(said(pieces, plain=True)) == without_thoughts(text)


@pytest.mark.parametrize(
    ("texts", "pieces"),
    [
        (["<th", "ink>2 +", " 2</", "think>\n\n4", "\n"], ["2 +", " 2", "4"]),
        (["2 + 2</think>4"], ["2 + 2", "4"]),
        (["<think>2 + "], ["2 + "]),
    ],
)
def test_thoughts_come_as_thoughts(texts, pieces):
    assert [piece.text for piece in said(texts)] == pieces
    assert said(texts)[0].thought


def test_a_model_that_is_known_is_not_held_back():
    thoughts = Thoughts(plain=True)
    assert list(thoughts.feed("fo")) == [Piece("fo")]
    assert list(thoughts.feed("ur")) == [Piece("ur")]


def chunk(**choice):
    return {"choices": [{"index": 0, "finish_reason": None, **choice}]}


def events(*documents):
    lines = [f"data: {json.dumps(each, ensure_ascii=False)}\n\n" for each in documents]
    return "".join([": hello\n\nevent: message\n", *lines, "data: [DONE]\n\n"]).encode()


USAGE = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
CHUNKS = events(
    chunk(delta={"role": "assistant", "content": ""}),
    chunk(delta={"reasoning_content": "hm"}),
    chunk(delta={"content": "fé"}),
    chunk(delta={"content": "ur"}, finish_reason="stop"),
    USAGE,
)
WHOLE = json.dumps(
    {
        "choices": [{"message": {"content": "féur"}, "finish_reason": "stop"}],
        "usage": USAGE["usage"],
    },
    indent=2,
).encode()
TOKENS = b"".join(
    json.dumps(each).encode() + b"\n"
    for each in (
        {"token": {"text": "fé"}, "generated_text": None},
        {
            "token": {"text": "ur"},
            "generated_text": "féur",
            "details": {"finish_reason": "eos_token", "generated_tokens": 3},
        },
    )
)
OLD = json.dumps([{"generated_text": "féur", "details": {"finish_reason": "length"}}]).encode()
FORMS = (CHUNKS, CHUNKS.replace(b"\n", b"\r\n"), WHOLE, TOKENS, OLD)


def read(parts):
    chunks = Chunks()
    found = [each for part in parts for each in chunks.feed(part)]
    return [*found, *chunks.finish()], chunks


@given(cut(st.sampled_from(FORMS)))
def test_a_container_may_stream_in_any_form_and_parts_may_end_anywhere(example):
    data, parts = example
    found, chunks = read(parts)
    assert "".join(each.text for each in found) == "féur"
    assert "".join(each.thought for each in found) == ("hm" if chunks.events else "")
    [last] = [each for each in found if each.last]
    assert last.ended is (data is not OLD)
    assert chunks.done is chunks.events is data.startswith(b":")


def test_numbers_of_tokens():
    assert read([CHUNKS])[0][-1] == Chunk(tokens=3, prompt_tokens=7)
    assert read([WHOLE])[0] == [Chunk("féur", "", True, True, 3, 7)]
    assert read([TOKENS])[0][-1].tokens == 3


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (WHOLE[:40], ValueError),
        (b"Service Unavailable", ValueError),
        (b"\xff\n", ValueError),
        (events(chunk(delta={}, finish_reason="abort")), ValueError),
        (b"[]", IndexError),
        (b"4", TypeError),
        (b'{"no": 1}', KeyError),
        (b'{"choices": []}', IndexError),
    ],
)
def test_what_is_no_reply(data, error):
    with pytest.raises(error):
        read([data])


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"error": {"message": "too long", "code": 400}}, 400),
        ({"error": {"message": "too long", "type": "BadRequest"}}, None),
        ({"error": "too long"}, None),
        ({"object": "error", "message": "too long", "code": 503}, 503),
    ],
)
def test_errors_of_the_container_within_its_stream(document, status):
    with pytest.raises(ContainerFailure, match="too long") as caught:
        read([events(document)])
    assert caught.value.status == status
