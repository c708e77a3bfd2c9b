"""A small BPE tokenizer, trained here and saved as models are, and rows to count with it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

CHAT = (
    "{% for message in messages %}"
    "{% if message['role'] not in ('system', 'user', 'assistant') %}"
    "{{ raise_exception('Unknown role ' + message['role']) }}{% endif %}"
    "{{ '<|start|>' + message['role'] + '\n' + message['content'] | trim + '<|stop|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant\n' }}{% endif %}"
)
TEXTS = [
    "What is the capital of France? The capital of France is Paris.",
    "How many legs does a spider have? A spider has eight legs.",
    "Über den Wolken, 日本語 and 🙂, the words go on and on.",
]
ROWS = [
    {"prompt": TEXTS[0][:30], "completion": TEXTS[0][31:]},
    {"prompt": TEXTS[1], "completion": TEXTS[2] * 9},
    {"prompt": "<|stop|> " + TEXTS[2] * 8, "completion": " <|end|> \n"},
    {"prompt": " \x00", "completion": "."},
]


def chat(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def made(technique: str, rows: int = 150) -> list[dict[str, Any]]:
    """Rows of all lengths in the shape that a technique takes."""
    dice = random.Random(7)

    def text() -> str:
        return " ".join(dice.choices(" ".join(TEXTS).split(), k=dice.randint(0, 60))) + "é🙂"

    def row() -> dict[str, Any]:
        if technique == "rlvr":
            turns = [chat("system", text())] * dice.randint(0, 1)
            reply = {"completion": text()} if dice.random() < 0.5 else {}
            return {"prompt": [*turns, chat("user", text())], **reply}
        replies = ("chosen", "rejected") if technique == "dpo" else ("completion",)
        return {"prompt": text(), **{name: text() for name in replies}}

    return [row() for _ in range(rows)]


def lines(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def train(folder: Path, *, template: str | None = CHAT) -> Path:
    """Train a byte-level BPE of a few hundred tokens on ``TEXTS``, and save it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|start|>", "<|stop|>", "<|pad|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(TEXTS, trainer)
    # A tokenizer may come with limits of its own, which training lifts.
    backend.enable_truncation(16)
    backend.enable_padding(length=64)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, eos_token="<|stop|>", pad_token="<|pad|>"
    )
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps({"model_type": "llama"}))
    return folder
