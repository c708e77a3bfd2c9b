"""Answers of containers in all their forms."""

from __future__ import annotations

import json

import pytest

from mlcc_core import Answer
from mlcc_sagemaker.answering.answers import read_answer, without_thoughts

CHAT = {"choices": [{"message": {"content": "four"}, "finish_reason": "stop"}]}


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        (CHAT, Answer("four", None, True)),
        ({**CHAT, "usage": {"completion_tokens": 3}}, Answer("four", 3, True)),
        ({**CHAT, "usage": None}, Answer("four", None, True)),
        (
            {"choices": [{"message": {"content": "fo"}, "finish_reason": "length"}]},
            Answer("fo", None, False),
        ),
        ({"choices": [{"message": {"content": None}}]}, Answer("")),
        (
            {"choices": [{"message": {"content": [{"type": "text", "text": "four"}]}}]},
            Answer("four"),
        ),
        ({"choices": [{"text": "four", "finish_reason": None}]}, Answer("four")),
        (
            {
                "generated_text": "four",
                "details": {"finish_reason": "eos_token", "generated_tokens": 3},
            },
            Answer("four", 3, True),
        ),
        (
            [{"generated_text": "fo", "details": [{"finish_reason": "length"}]}],
            Answer("fo", None, False),
        ),
        (
            {"generated_text": "four", "details": {"finish_reason": "content_filter"}},
            Answer("four"),
        ),
    ],
)
def test_the_forms_of_an_answer(document, answer):
    assert read_answer(json.dumps(document).encode()) == answer


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"4", b'{"error": "no"}', b'{"choices": []}'])
def test_what_is_not_an_answer(data):
    with pytest.raises((ValueError, KeyError, IndexError, TypeError)):
        read_answer(data)


@pytest.mark.parametrize("reason", ["abort", "ABORT", "error"])
@pytest.mark.parametrize(
    "answer",
    [
        lambda reason: {"choices": [{"message": {"content": ""}, "finish_reason": reason}]},
        lambda reason: {"generated_text": "fo", "details": {"finish_reason": reason}},
    ],
)
def test_a_reply_that_broke_off_is_not_an_answer(answer, reason):
    with pytest.raises(ValueError, match=f"broke off: {reason}"):
        read_answer(json.dumps(answer(reason)).encode())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("four", "four"),
        ("<think>\n2 + 2\n</think>\n\nfour\n", "four"),
        ("2 + 2\n</think>\n\nfour", "four"),
        ("<think>\n2 + 2 is", ""),
        ("It opens with <think> and closes with </think>.",) * 2,
        ("\n  four", "  four"),
    ],
)
def test_thoughts_are_left_out(text, left):
    assert without_thoughts(text) == left
