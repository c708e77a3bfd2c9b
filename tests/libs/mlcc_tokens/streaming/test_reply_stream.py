"""The pieces of a reply joined are its content, whatever the model says and wherever it is cut."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcc_core import MlccError
from mlcc_tokens.reply import give_schema, parser_of, take_apart
from mlcc_tokens.streaming.reply_stream import ReplyStream
from mlcc_tokens.templates.chat import Chat, prepare
from tests.libs.mlcc_engine import families

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

NAMES = (
    "plain",
    "qwen3",
    "gptoss",
    "llama3_1",
    "deepseek_r1_distill",
    "nemotron_3_nano",
    "lfm2_2_5",
)

BITS = (
    *("<think>", "</think>", "\n", "\n\n", " ", "\t", "Hello", " world", "é", "🙂", "final"),
    *("<tool_call>", "</tool_call>", '{"name": "f", "arguments": {}}', "<function=f>"),
    *("<|channel|>analysis<|message|>", "<|channel|>final<|message|>", "<|end|>", "<|call|>"),
    *("<|start|>assistant", "to=functions.f<|channel|>commentary json<|message|>{}"),
    *("<thi", "</thin", "<", "a < b", ", print(", '{"name": "f", "parameters": {}}'),
)


@cache
def chat_of(name: str, thinking: Any) -> tuple[Chat, list[int]]:
    tokenizer = families.tokenizer(families.template(name))
    give_schema(tokenizer)
    try:
        chat = prepare(tokenizer, name, thinking)
    except MlccError:
        return chat_of(name, None)
    asked = [{"role": "user", "content": "Hi"}]
    text = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
    return chat, tokenizer.encode(text, add_special_tokens=False)


@settings(max_examples=200, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    thinking=st.sampled_from((None, "on")),
    bits=st.lists(st.one_of(st.sampled_from(BITS), st.integers(0, 400)), max_size=12),
    ends=st.booleans(),
)
def test_pieces_joined_are_the_content(name: str, thinking: Any, bits: Any, ends: bool) -> None:
    chat, prompt = chat_of(name, thinking)
    ids: list[int] = []
    for bit in bits:  # a number is a token of its own, of a part of a character maybe
        size = len(chat.tokenizer)
        ids += [bit % size] if isinstance(bit, int) else chat.tokenizer.encode(bit)
    ids = [token for token in ids if token not in chat.ends]
    ids += chat.ends[:1] if ends else []
    stream = ReplyStream(chat, prompt)
    parts = [part for token in ids for part in stream.feed(token)]
    parts += stream.finish()
    assert all(part.text for part in parts)
    told = "".join(part.text for part in parts if not part.thought)
    assert told == take_apart(chat, ids, prompt).content


def streamed(name: str, thinking: Any, text: str) -> tuple[str, str]:
    """The content and the thoughts that are told before the end."""
    chat, prompt = chat_of(name, thinking)
    stream = ReplyStream(chat, prompt)
    ids = chat.tokenizer.encode(text, add_special_tokens=False)
    parts = [part for token in ids for part in stream.feed(token)]
    return (
        "".join(part.text for part in parts if not part.thought),
        "".join(part.text for part in parts if part.thought),
    )


@pytest.mark.parametrize("name", NAMES[1:])
def test_the_template_of_a_family_is_used(name: str) -> None:
    chat, _ = chat_of(name, None)
    assert parser_of(chat.tokenizer, "") is not None


def test_thoughts_are_told_apart_while_they_come() -> None:
    said = "<think>\nIt is large.\n</think>\n\nIt is Paris, as ever."
    assert streamed("qwen3", "on", said) == ("It is Paris, as ever.", "It is large.")
    said = "<|channel|>analysis<|message|>Large.<|end|><|start|>assistant"
    said += "<|channel|>final<|message|>It is Paris."
    assert streamed("gptoss", None, said) == ("It is Paris.", "Large.")


def test_a_part_of_a_mark_is_not_told() -> None:
    assert streamed("qwen3", "off", "So a < b.\n<tool_ca") == ("So a < b.", "")
    assert streamed("plain", None, "Well 🙂") == ("Well 🙂", "")


def test_several_texts_of_a_reply_are_all_told() -> None:
    said = 'I look.<tool_call>{"name": "f", "arguments": {}}</tool_call>Here it is.'
    assert streamed("qwen3", "off", said)[0] == "I look.\nHere it is."
