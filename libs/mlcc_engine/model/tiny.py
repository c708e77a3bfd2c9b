"""``mlcc-tiny``: a small causal LM with random weights, made on first use, without a download.

It knows nothing; it is there to be taught. LoRA learns on random weights because of their
scale: with the usual standard deviation of 0.02 the frozen layers pass on almost nothing and a
rank-16 adapter learned 0 of 12 short facts in 120 steps; with 1/sqrt(width) it learns all of
them within 40, for every rank from 8 to 64 and every learning rate from 2e-3 to 1e-2 tried.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcc_core.helpers import atomic_folder, disk_error, remove_old_drafts

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

    from mlcc_tokens.turns.dialogue import Turn

NAME = "mlcc-tiny"
"""Name by which users ask for the model."""

REVISION = 2
"""Part of the cache folder's name; raised whenever the weights or the tokenizer change."""

WIDTH = 256
LAYERS = 2
FEED_FORWARD = 688
HEADS = 4
CONTEXT = 2048
"""Longest sequence in tokens (bytes)."""

SEED = 0

PAD, END = "<|pad|>", "<|end|>"
ROLES = ("system", "user", "assistant", "tool")

CHAT_TEMPLATE = (
    "{% if tools %}{{ '<|system|>Tools: ' + (tools | tojson) + '<|end|>' }}{% endif %}"
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + (message['content'] or '') }}"
    "{% for call in message['tool_calls'] or [] %}"
    "{{ 'Call: ' + (call['function'] | tojson) }}"
    "{% endfor %}"
    "{{ '<|end|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
"""The messages, each between the token of its role and the one that ends it; tools and calls of
them as JSON."""

SPECIAL = (PAD, END, *(f"<|{role}|>" for role in ROLES))
"""Tokens of several bytes; every other token is one byte."""

VOCABULARY = 256 + len(SPECIAL)

CONFIG: Mapping[str, int] = {
    "vocab_size": VOCABULARY,
    "hidden_size": WIDTH,
    "intermediate_size": FEED_FORWARD,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": HEADS,
    "max_position_embeddings": CONTEXT,
}
"""The numbers of its ``config.json``."""

TOY = f"{NAME} is a toy that knows nothing but what it is taught."

NOTE = f"{TOY} Real models: mlcc models"
"""Said wherever it is used."""

_SPECIAL = re.compile("|".join(map(re.escape, SPECIAL)))


def count(messages: Sequence[Turn], *, reply_follows: bool = False) -> int:
    """The tokens of a conversation, as the tokenizer and its chat template make them.

    Args:
        messages: the conversation.
        reply_follows: with what opens a reply.
    """
    return length(text_of(messages, (), reply_follows=reply_follows))


def text_of(
    messages: Sequence[Turn], tools: Sequence[Mapping[str, Any]], *, reply_follows: bool
) -> str:
    """A conversation as the chat template renders it, without the library that does.

    Args:
        messages: the conversation.
        tools: that the model is told of.
        reply_follows: with what opens a reply.
    """
    text = f"<|system|>Tools: {_json(list(tools))}{END}" if tools else ""
    for message in messages:
        calls = "".join(
            f"Call: {_json(call['function'])}" for call in message.get("tool_calls", ())
        )
        text += f"<|{message['role']}|>{message['content'] or ''}{calls}{END}"
    return text + ("<|assistant|>" if reply_follows else "")


def length(text: str) -> int:
    """The tokens of a rendered text: a byte each, but for the special ones."""
    return len(text.encode()) - sum(len(token) - 1 for token in _SPECIAL.findall(text))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def ensure(cache: Path) -> Path:
    """The folder of the model and its tokenizer under ``cache``, made if it is not there yet.

    Two processes may do this at once: each makes its own copy and one rename wins.

    Raises:
        PlatformError: the cache cannot be written.
    """
    folder = cache / f"{NAME}-{REVISION}"
    if not (folder / "config.json").is_file():
        from safetensors import SafetensorError

        try:
            _make(folder, cache)
        except (OSError, SafetensorError) as error:
            raise disk_error(error, doing=f"make {NAME} in {cache}") from None
    return folder


def _make(folder: Path, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    remove_old_drafts(cache, folder.name)
    try:
        with atomic_folder(folder) as draft:
            make_tokenizer().save_pretrained(draft)
            model = make_model()
            # transformers 5 lets the first process of all machines write alone; each has a cache.
            vars(model)["should_save_on_this_rank"] = lambda is_main_process: True
            model.save_pretrained(draft, safe_serialization=True)
    except OSError:
        if not (folder / "config.json").is_file():  # else another process was first
            raise


def make_model() -> LlamaForCausalLM:
    """The model: 1.7 million float32 parameters, the same ones every time."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    numbers: Mapping[str, Any] = CONFIG
    config = LlamaConfig(
        **numbers,
        initializer_range=WIDTH**-0.5,
        tie_word_embeddings=False,
        bos_token_id=None,
        pad_token_id=0,
        eos_token_id=1,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        return LlamaForCausalLM(config)


def shapes() -> Mapping[str, tuple[int, ...]]:
    """Return the sizes of its tensors by name, as the file has them."""
    layer = {
        **{f"self_attn.{side}_proj": (WIDTH, WIDTH) for side in "qkvo"},
        **{f"mlp.{side}_proj": (FEED_FORWARD, WIDTH) for side in ("gate", "up")},
        "mlp.down_proj": (WIDTH, FEED_FORWARD),
        **{f"{place}_layernorm": (WIDTH,) for place in ("input", "post_attention")},
    }
    ends = {"model.embed_tokens": (VOCABULARY, WIDTH), "lm_head": (VOCABULARY, WIDTH)}
    layers = {
        f"model.layers.{index}.{name}": shape
        for index in range(LAYERS)
        for name, shape in layer.items()
    }
    found: dict[str, tuple[int, ...]] = {**ends, **layers, "model.norm": (WIDTH,)}
    return {f"{name}.weight": shape for name, shape in found.items()}


def make_tokenizer() -> PreTrainedTokenizerFast:
    """One token a byte, one for padding, one that ends a message, one for each role."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate([*SPECIAL, *alphabet])}
    backend = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.decoder = decoders.ByteLevel()
    make: Callable[..., PreTrainedTokenizerFast] = PreTrainedTokenizerFast
    tokenizer = make(
        tokenizer_object=backend,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=list(SPECIAL[2:]),
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer
