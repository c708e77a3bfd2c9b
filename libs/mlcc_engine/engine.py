"""The engine ``trl`` as techniques and platforms know it; importing this imports nothing heavy."""

from __future__ import annotations

from mlcc_core import Engine

TRL = Engine(
    "trl",
    {
        "epochs": "num_train_epochs",
        "learning_rate": "learning_rate",
        "max_seq_length": "max_length",
        "batch_size": "train_batch_size",
        "lora_rank": "lora_rank",
        "lora_alpha": "lora_alpha",
    },
    tester="mlcc_engine.recipes.tester:TESTER",
)
"""Trainers of TRL, or of a third party, on whatever device there is."""
