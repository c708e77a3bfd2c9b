"""Hyperparameters that the engine chooses where the user did not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mlcc_engine.model.tiny import NAME

TINY_LEARNING_RATES: Mapping[str, float] = {"lora": 5e-3, "full-rank": 1e-3}
"""Learned all of 12 short facts with every seed tried; the trainers' own rates, meant for models
a thousand times larger, teach ``mlcc-tiny`` nothing."""

TINY_SAMPLED_RATES: Mapping[str, float] = {"lora": 1e-3, "full-rank": 5e-4}
"""Learning rates for replies that the model samples itself: at 5e-3 it soon gave one reply to
everything, for good, as nothing else was ever sampled again."""

TINY_BATCH = 4
TINY_ROWS = 6000
"""Rows seen in all, over the epochs: about a minute on one core."""
TINY_EPOCHS = 40
TINY_STEPS = 80
"""At least, however few the rows and however large the batch."""
TINY_REPLY = 32
"""Tokens (bytes) of a sampled reply."""

MAX_LENGTH = 1024
"""Tokens at which a row is cut: what the Configs of TRL 1.x that cut rows have by themselves. Said
here, so that a check of the data tells it without importing them."""

LORA_RATE_FACTOR = 10
"""LoRA's best learning rate over that of full-rank training, whatever the task and the model:
Schulman et al., "LoRA Without Regret" (2025). The trainers' defaults are full-rank ones."""

SAMPLED_LORA_RATE = 2e-4
"""Learning rate for replies that the model samples itself: on a model of 135 million parameters
the reward went from 0.24 to 0.81 in 24 steps; at 1e-5 it showed no trend."""

LEAST_LORA_RATE = 5e-5
"""Lowest rate, for trainers whose own rate is a tiny one, as with pairs (1e-6). Measured
with DPO on a model of 135 million parameters, 24 pairs in 18 steps, batches of 4. Where short
replies were to be preferred to wordy ones, accuracy was 1.0 and answers stayed sane at every rate;
the margin became 0.34 at 1e-5, 0.70 at 2e-5, 1.92 at 5e-5 and 4.1 at 1e-4, and answers to new
questions changed from 5e-5 on. Where pirates' replies were to be preferred, which the model would
never give by itself, the margins were 0.39, 2.0 and 3.5 at 1e-5, 5e-5 and 1e-4, and at each of
them some answers made no sense any more: such replies are for SFT, whatever the rate."""

LORA: Mapping[str, Any] = {"r": 16, "target_modules": "all-linear"}
ALPHA_OVER_RANK = 2


def tiny_hyperparameters(
    training_type: str, rows: int, batch: int = TINY_BATCH, *, sampled: bool = False
) -> Mapping[str, float]:
    """Return what ``mlcc-tiny`` is trained with, by the Config's names, for so many rows."""
    rows = max(rows, 1)
    rates = TINY_SAMPLED_RATES if sampled else TINY_LEARNING_RATES
    enough = math.ceil(TINY_STEPS * min(batch, rows) / rows)
    return {
        "learning_rate": rates[training_type],
        "num_train_epochs": max(min(TINY_EPOCHS, TINY_ROWS // rows), enough),
        "global_batch_size": batch,
        "max_completion_length": TINY_REPLY,
    }


def hyperparameters(
    model: str,
    training_type: str,
    rows: int,
    trainer_rate: float | None,
    batch: int | None = None,
    *,
    sampled: bool = False,
) -> Mapping[str, float]:
    """Defaults for a job, by the Config's names; names that the Config lacks are to be left out.

    Args:
        model: as asked for.
        training_type: ``lora`` or ``full-rank``.
        rows: of the dataset.
        trainer_rate: the learning rate that the trainer's Config has by itself.
        batch: rows an optimizer step, where the user chose.
        sampled: the trainer learns from replies that the model samples.
    """
    if model == NAME:
        return tiny_hyperparameters(training_type, rows, batch or TINY_BATCH, sampled=sampled)
    if training_type == "lora" and sampled:
        return {"learning_rate": SAMPLED_LORA_RATE}
    if training_type == "lora" and trainer_rate is not None:
        return {"learning_rate": max(trainer_rate * LORA_RATE_FACTOR, LEAST_LORA_RATE)}
    return {}


def lengths(trainer: str) -> Mapping[str, int]:
    """Return the lengths at which rows are cut by default, by the Config's name of it."""
    return {"max_length": MAX_LENGTH} if trainer.startswith("trl:") else {}


def lora(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``peft.LoraConfig``.

    Values that were not given are rank 16, alpha twice the rank, every linear layer but the output.
    """
    rank: int = given.get("r", LORA["r"])
    return {**LORA, "lora_alpha": ALPHA_OVER_RANK * rank, **given}


def in_words(training_type: str, given: Mapping[str, Any]) -> str:
    """Describe how the weights are changed: ``LoRA, rank 16, alpha 32``, or ``full-rank``."""
    if training_type != "lora":
        return training_type
    adapter = lora(given)
    return f"LoRA, rank {adapter['r']}, alpha {adapter['lora_alpha']}"
