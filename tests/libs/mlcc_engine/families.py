"""Tiny models that carry the chat templates of real families, as TRL ships them."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PLAIN = "plain"
"""A base model, without a template of its own."""

SPECIAL = re.compile(
    r"<[|｜][^|｜<>\s{}'\"]*[|｜]>|<\|?(?:turn|channel|tool_call|tool_response)\|?>|<(?:start|end)_of_turn>"
    r"|<end_of_utterance>|</?(?:think|tool_call|s)>"
)
"""What templates write that is one token of their tokenizers."""

WORDS = r" ?[^\s\w]+[\r\n]*|\s*[\r\n]+| ?\w+|\s+(?!\S)|\s+"
"""Words as the tokenizers of these families split them: line breaks stay together."""

TEXTS = [
    "What is the capital of France?\n\nThe capital of France is Paris.\n\n",
    "assistant: It is so, assistant: It is Paris.",
    "\n</think>\n\nAssistant: Hello there, it is so.\n\n",
]


def names() -> list[str]:
    """The families' templates by name, without those that TRL has for training alone."""
    found = (path.stem for path in _folder().glob("*.jinja"))
    return [PLAIN, *sorted(name for name in found if not name.endswith("_training"))]


def template(name: str) -> str | None:
    """The text of a family's template."""
    return None if name == PLAIN else (_folder() / f"{name}.jinja").read_text(encoding="utf-8")


def tokenizer(chat_template: str | None) -> Any:
    """A byte-level BPE that joins blanks and line breaks, with the template's special tokens."""
    from transformers import PreTrainedTokenizerFast

    special = sorted({*SPECIAL.findall(chat_template or ""), "<s>", "</s>"})
    made = PreTrainedTokenizerFast.from_pretrained(_base())
    made.add_special_tokens(
        {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"},
    )
    made.add_tokens(
        [token for token in special if token not in ("<s>", "</s>")], special_tokens=True
    )
    made.chat_template = chat_template
    return made


def model(vocabulary: int) -> Any:
    """A causal language model of some thousand random parameters."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=4096,
        )
    )


@cache
def _base() -> Path:
    import tempfile

    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(TEXTS * 10, trainer)
    folder = Path(tempfile.mkdtemp(prefix="families-"))
    PreTrainedTokenizerFast(tokenizer_object=backend).save_pretrained(folder)
    return folder


def _folder() -> Path:
    spec = find_spec("trl")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "chat_templates"
