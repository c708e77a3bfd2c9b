"""Of a conversation with tools, the labels of the collated batch are the replies and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlcc_engine.turns import labelled
from mlcc_engine.turns.reading import Reading
from mlcc_tokens.reply import give_schema
from mlcc_tokens.templates.chat import prepare
from mlcc_tokens.templates.training import training_template
from mlcc_tokens.turns.choice import Conversing, choose
from mlcc_tokens.turns.encoding import UNTRAINED
from tests.libs.mlcc_engine import families

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Tells the weather.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]
CALL = {
    "id": "abcdef123",
    "type": "function",
    "function": {"name": "weather", "arguments": {"city": "Oslo Harbour"}},
}
PLAIN = [
    {"role": "user", "content": "Which harbour is that?"},
    {"role": "assistant", "content": "The one of Oslo.\n\nIt is old."},
    {"role": "user", "content": "Thanks, and how deep?"},
    {"role": "assistant", "content": "Very deep."},
]
WITH_TOOL = [
    {"role": "user", "content": "Is it warm there?"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "name": "weather", "tool_call_id": "abcdef123", "content": "minus nine"},
    {"role": "assistant", "content": "No, it freezes."},
    *PLAIN,
]
NO_TOOLS = {
    *("plain", "cohere", "cohere2", "deepseek_r1_distill", "deepseekv3", "gemma", "gemma3"),
    *("idefics3", "lfm2", "llama3", "llava_next", "phi3", "phi3_5", "qwen2_5_vl", "smolvlm"),
}
"""Families whose templates render no tool calls, or not all that tools are about."""


def conversing_of(name: str, train_on: Any = "all", thinking: Any = None) -> Conversing:
    tokenizer = families.tokenizer(families.template(name))
    give_schema(tokenizer)
    return choose(prepare(tokenizer, name, thinking), name, train_on)


def collated(
    conversing: Conversing, rows: list[dict[str, Any]], folder: Path, reading: Any = None
) -> Any:
    """The batch that TRL's trainer computes its loss of."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    folder.mkdir(exist_ok=True)
    tokenizer = conversing.chat.tokenizer
    dataset = labelled.build(
        Dataset.from_dict({"row": [json.dumps(row) for row in rows]}),
        folder,
        conversing,
        reading or Reading(whole=True, train_on=conversing.turns.train_on),
        lambda fields: None,
    )
    config = SFTConfig(
        str(folder),
        report_to="none",
        use_cpu=True,
        bf16=False,
        max_length=None,
        per_device_train_batch_size=len(rows),
    )
    trainer = SFTTrainer(
        model=families.model(len(tokenizer)),
        args=config,
        train_dataset=dataset,
        processing_class=tokenizer,
    )
    return next(iter(trainer.get_train_dataloader()))


def runs(tokenizer: Any, batch: Any, row: int = 0) -> list[str]:
    """The text of each run of trained tokens."""
    found: list[list[int]] = []
    before = UNTRAINED
    for label in batch["labels"][row].tolist():
        if label != UNTRAINED and before == UNTRAINED:
            found.append([])
        if label != UNTRAINED:
            found[-1].append(label)
        before = label
    return [tokenizer.decode(ids) for ids in found]


def check(conversing: Conversing, messages: list[dict[str, Any]], said: list[str]) -> None:
    """Every run holds a reply and what ends it; none holds a word that others said."""
    replies = [turn for turn in messages if turn["role"] == "assistant"]
    assert len(said) == len(replies)
    others = [turn["content"] for turn in messages if turn["role"] != "assistant"]
    ends = conversing.chat.tokenizer.all_special_tokens
    ends += list(conversing.chat.tokenizer.get_added_vocab())
    for turn, text in zip(replies, said, strict=True):
        if turn.get("tool_calls"):
            content = "Oslo Harbour"
            assert "weather" in text
            assert "None" not in text
        else:
            content = turn["content"]
        before, _, after = text.rpartition(content)
        assert content in text
        assert any(end in after for end in ends)
        assert not any(other in text for other in others)
        if not turn.get("tool_calls"):
            assert "Tells" not in before + after


@pytest.mark.parametrize("name", families.names())
def test_every_reply_is_trained_and_nothing_else(name: str, tmp_path: Path) -> None:
    conversing = conversing_of(name)
    assert conversing.turns.fault is None
    said = runs(conversing.chat.tokenizer, collated(conversing, [{"messages": PLAIN}], tmp_path))
    check(conversing, PLAIN, said)


@pytest.mark.parametrize("name", sorted(set(families.names()) - NO_TOOLS))
def test_calls_of_tools_are_trained_and_their_answers_are_not(name: str, tmp_path: Path) -> None:
    conversing = conversing_of(name)
    row = {"messages": WITH_TOOL, "tools": TOOLS}
    batch = collated(conversing, [row], tmp_path)
    tokenizer = conversing.chat.tokenizer
    check(conversing, WITH_TOOL, runs(tokenizer, batch))
    whole = tokenizer.decode(batch["input_ids"][0])
    assert "Tells the weather." in whole
    assert "minus nine" in whole


@pytest.mark.parametrize("name", sorted(NO_TOOLS))
def test_template_without_tools_refuses_rows_with_them(name: str, tmp_path: Path) -> None:
    from mlcc_core.errors import MlccError

    with pytest.raises(MlccError, match="Row 1 cannot be trained"):
        collated(conversing_of(name), [{"messages": WITH_TOOL, "tools": TOOLS}], tmp_path)


@pytest.mark.parametrize("name", ["qwen2_5", "qwen3", "llama3_1", "gptoss", "deepseekv3"])
def test_last_reply_alone_is_trained_if_asked(name: str, tmp_path: Path) -> None:
    conversing = conversing_of(name, "last")
    batch = collated(conversing, [{"messages": [*PLAIN, PLAIN[0]]}], tmp_path)
    (said,) = runs(conversing.chat.tokenizer, batch)
    assert "Very deep." in said
    assert "Oslo" not in said


def test_replies_of_weight_0_are_context(tmp_path: Path) -> None:
    conversing = conversing_of("qwen3")
    messages = [PLAIN[0], {**PLAIN[1], "weight": 0}, PLAIN[2], {**PLAIN[3], "weight": 1}]
    batch = collated(conversing, [{"messages": messages}, {"messages": PLAIN}], tmp_path)
    said = [runs(conversing.chat.tokenizer, batch, row) for row in (0, 1)]
    assert sorted(map(len, said)) == [1, 2]
    assert "It is old." in conversing.chat.tokenizer.decode(batch["input_ids"][0])


def test_thoughts_are_trained_by_templates_that_know_them(tmp_path: Path) -> None:
    conversing = conversing_of("qwen3", thinking="on")
    messages = [{**turn, "reasoning_content": "Hm, deep."} for turn in PLAIN]
    messages = [turn if turn["role"] == "assistant" else PLAIN[0] for turn in messages]
    said = runs(conversing.chat.tokenizer, collated(conversing, [{"messages": messages}], tmp_path))
    assert len(said) == 2
    assert all(text.startswith("<think>\nHm, deep.\n</think>\n\n") for text in said)


@pytest.mark.parametrize(
    ("name", "thinking", "says"),
    [
        ("qwen3", None, "--thinking on"),
        ("qwen2_5", None, "leave reasoning_content out"),
        ("llama3", None, "leave reasoning_content out"),
    ],
)
def test_thoughts_that_would_be_lost_are_refused(
    name: str, thinking: Any, says: str, tmp_path: Path
) -> None:
    from mlcc_core.errors import MlccError

    messages = [*PLAIN[:3], {**PLAIN[3], "reasoning_content": "Hm."}]
    with pytest.raises(MlccError, match=says):
        collated(conversing_of(name, thinking=thinking), [{"messages": messages}], tmp_path)


@pytest.mark.parametrize("name", ["qwen3_8", "deepseekv3", "nemotron_3_nano"])
def test_template_that_strips_earlier_thoughts_says_so(name: str) -> None:
    fault = str(conversing_of(name, thinking="on").turns.fault)
    assert "differently once more follow" in fault
    assert "--train-on last" in fault


def test_what_was_trained_with_is_what_is_saved(tmp_path: Path) -> None:
    from mlcc_engine.model import models

    for name in ("qwen3", "gptoss", "deepseekv3"):
        conversing = conversing_of(name)
        tokenizer = conversing.chat.tokenizer
        tokenizer.save_pretrained(tmp_path / name)
        families.model(len(tokenizer)).save_pretrained(tmp_path / name)
        again = models.load_tokenizer(str(tmp_path / name))
        assert again.tokenizer.chat_template == tokenizer.chat_template
        assert "generation %}" not in tokenizer.chat_template


def test_variants_of_trl_are_found_by_the_author_s_template() -> None:
    pairs = [name for name in families.names() if training_template(str(families.template(name)))]
    assert len(pairs) >= 29
    assert "qwen3" in pairs
    assert training_template("{{ messages }}") is None
