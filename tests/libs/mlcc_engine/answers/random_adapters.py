"""Adapters of random numbers, made in no time: each answers in a way of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def make(base: Path, into: Path, seed: int, scale: float = 0.3, **config: Any) -> Path:
    """Save an adapter.

    Args:
        base: folder of the model.
        into: folder of the adapter.
        seed: of the numbers.
        scale: of the numbers.
        config: of LoRA.
    """
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    settings = {"r": 4, "target_modules": "all-linear", "task_type": "CAUSAL_LM", **config}
    tuned = get_peft_model(AutoModelForCausalLM.from_pretrained(base), LoraConfig(**settings))
    numbers = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in tuned.named_parameters():
            if weight.requires_grad:
                change = torch.randn(weight.shape, generator=numbers) * scale
                weight.copy_(change if "lora_" in name else weight + change)
    tuned.save_pretrained(into)
    AutoTokenizer.from_pretrained(base).save_pretrained(into)
    return into
