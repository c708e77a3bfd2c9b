"""Real models of a few thousand parameters, saved in folders with a tokenizer."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

CONFIG = {
    "vocab_size": 262,
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
}


def make(config: Any, seed: int = 0) -> Any:
    """The causal language model of a config, with weights by a seed."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return AutoModelForCausalLM.from_config(config)


def llama(seed: int = 0, **changes: Any) -> Any:
    from transformers import LlamaConfig

    return make(LlamaConfig(**{**CONFIG, **changes}), seed)


def gpt2(context: int = 64) -> Any:
    from transformers import GPT2Config

    return make(GPT2Config(vocab_size=262, n_embd=16, n_layer=1, n_head=2, n_positions=context))


def save(model: Any, folder: Path, *, tokenizer: Any = None, **options: Any) -> Path:
    """Save a model with a tokenizer, that of the built-in model unless another is given."""
    from mlcc_engine.model import tiny

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save_pretrained(folder, **options)
        (tokenizer or tiny.make_tokenizer()).save_pretrained(folder)
    return folder


def save_lora(model: Any, folder: Path, base: str) -> Path:
    """Save a LoRA adapter of rank 2 that names ``base``, made on a model by PEFT."""
    from peft import LoraConfig, get_peft_model

    config: Any = LoraConfig(task_type="CAUSAL_LM", target_modules="all-linear", r=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tuned: Any = get_peft_model(model, config)
        tuned.peft_config["default"].base_model_name_or_path = base
        tuned.save_pretrained(folder, save_embedding_layers=False)
    return folder


def change_config(folder: Path, **changes: Any) -> Path:
    """Change values of ``config.json``; ``None`` removes one."""
    path = folder / "config.json"
    document = {**json.loads(path.read_text()), **changes}
    path.write_text(
        json.dumps({key: value for key, value in document.items() if value is not None})
    )
    return folder
