"""The real built-in model: what it is, and that it answers as its original does."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from mlcc_engine import generate
from mlcc_engine.model import models
from mlcc_engine.smollm2 import model

pytestmark = pytest.mark.slow

WEIGHTS_SHA256 = "7ef915c9bf9d94d8d70211970476878352a5b95855c589ae987916d7a455242b"

CHATML = (
    "<|im_start|>system\n"
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    "<|im_start|>user\nHi<|im_end|>\n"
    "<|im_start|>assistant\n"
)


def document(path: Path) -> Any:
    return json.loads(path.read_bytes())


def test_same_weights_each_time(real_model: Path):
    weights = (real_model / "model.safetensors").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == WEIGHTS_SHA256


def test_settings_of_the_hub(real_model: Path):
    """Those of ``config.json`` and ``generation_config.json`` there."""
    config = document(real_model / "config.json")
    told = {
        "_name_or_path": "HuggingFaceTB/SmolLM2-135M-Instruct",
        "architectures": ["LlamaForCausalLM"],
        "bos_token_id": 1,
        "eos_token_id": 2,
        "hidden_size": 576,
        "initializer_range": 0.041666666666666664,
        "intermediate_size": 1536,
        "max_position_embeddings": 8192,
        "num_attention_heads": 9,
        "num_hidden_layers": 30,
        "num_key_value_heads": 3,
        "pad_token_id": 2,
        "rms_norm_eps": 1e-5,
        "tie_word_embeddings": True,
        "vocab_size": 49152,
    }
    assert {name: config.get(name) for name in told} == told
    assert config.get("dtype", config.get("torch_dtype")) == "bfloat16"
    ends = document(real_model / "generation_config.json")
    assert [ends[f"{name}_token_id"] for name in ("bos", "eos", "pad")] == [1, 2, 2]


def test_tokenizer_of_the_hub(real_model: Path):
    chat = models.load_tokenizer(str(real_model))
    tokenizer, notes = chat.tokenizer, [*chat.notes]
    talk = [{"role": "user", "content": "Hi"}]
    assert tokenizer.apply_chat_template(talk, tokenize=False, add_generation_prompt=True) == CHATML
    assert tokenizer.tokenize("in 1984, 12 cats") == [
        *("in", "Ġ", "1", "9", "8", "4", ",", "Ġ", "1", "2", "Ġcats")
    ]
    assert (tokenizer.bos_token, tokenizer.eos_token) == ("<|im_start|>", "<|im_end|>")
    assert (tokenizer.pad_token, tokenizer.unk_token) == ("<|im_end|>", "<|endoftext|>")
    assert tokenizer.model_max_length == 8192
    assert tokenizer("Hi")["input_ids"] == tokenizer("Hi", add_special_tokens=False)["input_ids"]
    assert notes == []


def test_it_answers(real_model: Path):
    reply = generate.ask(model.NAME, "What is the capital of France?", cache=real_model.parent)
    assert reply == "The capital of France is Paris."


def test_hub_id():
    assert models.hub_id_of("smollm2-135m") == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert models.hub_id_of("mlcc-tiny") is None
