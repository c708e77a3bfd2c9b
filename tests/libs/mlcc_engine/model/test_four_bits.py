"""A frozen base model in 4 bits, with an adapter that learns on top, on the CPU."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from tests.libs.mlcc_engine.trainings import FACTS, Train

pytestmark = pytest.mark.slow

PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]


def test_an_adapter_learns_on_four_bits_and_is_saved(train: Train, cache: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    found = train(PAIRS, quantize="4bit", hyperparameters={"num_train_epochs": 10})
    assert found.outcome.state == "completed"
    losses = [line["loss"] for line in found.progress if "loss" in line]
    assert losses[-1] < losses[0] / 2
    folder = next(cache.glob("**/config.json")).parent
    base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # PEFT asks for a renamed attribute
        tuned = PeftModel.from_pretrained(base, found.output)
    assert all(weight.dtype == torch.float32 for weight in tuned.parameters())
