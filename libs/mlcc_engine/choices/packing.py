"""Packing: the rows of a batch laid end to end, without padding, and none sees another.

The batches, their rows and the loss stay what they are; only tokens that pad are saved. Models
whose attention is told where each row begins keep rows apart; others, with a state that runs on,
would mix them, so that each model is tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from mlcc_engine.choices.padding import Choice

BATCH_ROWS = 1024
"""Rows that are counted at once."""

TRIED = (7, 11, 5)
"""Tokens of the rows on which a model is tried."""

MOST_APART = 0.05
"""Share of the logits by which those of packed rows may differ from those of the rows alone. A
model of four layers: below 1e-6 in float32, 0.9 where it mixed them."""

IDS = "input_ids"
"""The column of a tokenized dataset that holds a row's tokens."""


def pack(trainer: Any, choice: Choice) -> list[str]:
    """Have a trainer lay the rows of a batch end to end, if its model keeps them apart.

    Args:
        trainer: built, not yet training; one of :data:`mlcc_engine.choices.padding.TRAINERS`
            where rows are to be packed.
        choice: of the job.

    Returns:
        Lines for the log.
    """
    if not choice.packed:
        return choice.in_words()
    if apart(trainer.model) > MOST_APART:
        return ["Rows of a batch are padded: this model mixes rows that are laid end to end."]
    trainer.data_collator.padding_free = True
    return [f"Rows of a batch are packed, and none sees another: {choice.why}"]


def sizes_of(dataset: Any) -> Counter[int]:
    """Count the rows of each length, of a dataset that its trainer has tokenized."""
    if IDS not in (dataset.column_names or ()):
        return Counter()
    found: Counter[int] = Counter()
    for batch in dataset.with_format("arrow").iter(BATCH_ROWS):
        found.update(batch[IDS].combine_chunks().value_lengths().to_pylist())
    return found


def apart(model: Any) -> float:
    """Return how far the logits of packed rows are from those of the same rows alone.

    Args:
        model: that is to be trained.

    Returns:
        The share of the logits' size: 0 for a model that keeps rows apart, 1 for one that takes no
        packed rows.
    """
    import torch
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    device = next(model.parameters()).device
    size = model.get_input_embeddings().weight.shape[0]
    draw = torch.Generator().manual_seed(0)
    rows = [torch.randint(size, (1, count), generator=draw).to(device) for count in TRIED]
    # Just what the trainer would give it.
    collator = DataCollatorForLanguageModeling(pad_token_id=0, padding_free=True)
    batch = collator([{IDS: row[0].tolist()} for row in rows])
    del batch["labels"]
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            alone = torch.cat([model(input_ids=row, use_cache=False).logits for row in rows], 1)
            packed = model(**_on(device, batch), use_cache=False).logits
    except (TypeError, ValueError, RuntimeError, IndexError):
        return 1.0  # a model that is not made for it; padded rows suit every model
    finally:
        model.train(training)
    return float((packed - alone).float().norm() / alone.float().norm())


def _on(device: Any, batch: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.to(device) if hasattr(value, "to") else value for name, value in batch.items()
    }
