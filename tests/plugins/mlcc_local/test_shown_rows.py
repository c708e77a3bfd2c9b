"""``check --show``: rows as the model reads them, and what of them is trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.cli.main import run
from mlcc_engine.model import tiny
from mlcc_folders.tokens.tiny import TinyCounter
from mlcc_tokens.rendered import parts

CALL = {"type": "function", "function": {"name": "add", "arguments": {"a": "été", "b": [1]}}}
TALK = {
    "messages": [
        {"role": "user", "content": "2 + 2?"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "content": "4"},
        {"role": "assistant", "content": "Five?", "weight": 0},
        {"role": "user", "content": "No."},
        {"role": "assistant", "content": "Four."},
    ],
    "tools": [{"type": "function", "function": {"name": "add", "parameters": {}}}],
}


def line(row: dict[str, Any]) -> bytes:
    return json.dumps(row).encode() + b"\n"


@pytest.fixture
def shown(folder: Path, capsys: pytest.CaptureFixture[str]):
    """What ``mlcc check`` prints of a file of rows."""
    assert run(["init", ".", "--platform", "local"]) == 0

    def check(rows: list[dict[str, Any]], technique: str, *words: str) -> str:
        (folder / "rows.jsonl").write_bytes(b"".join(map(line, rows)))
        capsys.readouterr()
        assert run(["check", "rows.jsonl", "--technique", technique, *words]) == 0
        return capsys.readouterr().out

    return check


def test_a_pipe_gets_brackets(shown):
    rows = [{"prompt": "2 + 2?", "completion": "Four.\nSo."}, {"prompt": "a", "completion": "b"}]
    text = shown(rows, "sft", "--show", "1")
    assert "Row 1, completion (what is trained is in ⟦brackets⟧)" in text
    assert "<|user|>2 + 2?<|end|><|assistant|>⟦Four.\nSo.<|end|>⟧" in text
    assert "Row 2" not in text


def test_chosen_and_rejected_are_shown_each(shown):
    text = shown([{"prompt": "a", "chosen": "good", "rejected": "bad"}], "dpo", "--show", "3")
    assert "⟦good<|end|>⟧" in text
    assert "⟦bad<|end|>⟧" in text


def test_segments_are_in_the_document(shown):
    found = json.loads(shown([{"prompt": "a", "completion": "b"}], "sft", "--show", "1", "--json"))
    assert found["shown"] == [
        {
            "texts": {
                "completion": [
                    {"text": "<|user|>a<|end|><|assistant|>", "trained": False},
                    {"text": "b<|end|>", "trained": True},
                ]
            },
            "refusal": None,
        }
    ]
    assert found["tokens"]["trained"]["50"] == 2


def test_without_a_tokenizer_one_line_says_why(shown):
    rows = [{"prompt": "a", "completion": "b"}]
    text = shown(rows, "sft", "--show", "1", "--model", "nobody/has-this")
    assert "Rows are not shown. The tokenizer of 'nobody/has-this' is not on this machine" in text


def test_a_whole_conversation_is_counted_and_shown() -> None:
    counter = TinyCounter(None, prompt_only=False)
    (row,) = counter.show(line(TALK))
    (pieces,) = row.texts.values()
    said = [piece.text for piece in pieces if piece.trained]
    assert said == [
        'Call: {"name": "add", "arguments": {"a": "été", "b": [1]}}<|end|>',
        "Four.<|end|>",
    ]
    (tokens,) = counter.count(line(TALK))
    assert tokens.trained == sum(map(tiny.length, said))
    assert tokens.whole == tiny.length("".join(piece.text for piece in pieces))


def test_last_reply_alone_is_counted_if_asked() -> None:
    (tokens,) = TinyCounter(None, prompt_only=False, train_on="last").count(line(TALK))
    assert tokens.trained == tiny.length("Four.<|end|>")


def test_nothing_is_trained_where_every_weight_is_0() -> None:
    talk = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0}]
    (tokens,) = TinyCounter(None, prompt_only=False).count(line({"messages": talk}))
    assert tokens.trains_nothing


@pytest.mark.filterwarnings("ignore")
def test_text_without_the_library_is_that_of_the_template() -> None:
    tokenizer = tiny.make_tokenizer()
    for opens_reply in (False, True):
        assert tokenizer.apply_chat_template(
            TALK["messages"],
            tools=TALK["tools"],
            tokenize=False,
            add_generation_prompt=opens_reply,
        ) == tiny.text_of(TALK["messages"], TALK["tools"], reply_follows=opens_reply)


@given(st.text(), st.lists(st.integers(0, 40), max_size=6))
def test_parts_are_the_text(text: str, places: list[int]) -> None:
    cuts = sorted(min(place, len(text)) for place in places)
    spans = tuple(zip(cuts[::2], cuts[1::2], strict=False))
    found = list(parts(text, spans))
    assert "".join(piece for piece, _ in found) == text
    assert all(piece for piece, _ in found)
    assert sum(len(piece) for piece, trained in found if trained) == sum(b - a for a, b in spans)
