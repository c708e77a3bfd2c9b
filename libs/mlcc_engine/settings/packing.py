"""Packing: the rows of a batch laid end to end, without padding, and none sees another.

The batches, their rows and the loss stay what they are; only tokens that pad are saved. Models
whose attention is told where each row begins keep rows apart; others, with a state that runs on,
would mix them, so that each model is tried.
"""

from __future__ import annotations

from typing import Any

TRIED = (7, 11, 5)
"""Tokens of the rows on which a model is tried."""

MOST_APART = 0.05
"""Share of the logits by which those of packed rows may differ from those of the rows alone. A
model of four layers: below 1e-6 in float32, 0.9 where it mixed them."""

TRAINERS = ("trl:SFTTrainer",)
"""Trainers whose batches were measured: the same losses as padded ones, within 1e-6."""


def pack(trainer: Any) -> str:
    """Have a trainer lay the rows of a batch end to end, if its model keeps them apart.

    Args:
        trainer: built, not yet training; one of :data:`TRAINERS`.

    Returns:
        A line for the log.
    """
    if apart(trainer.model) > MOST_APART:
        return "⚠️  Rows are padded: this model mixes rows that are laid end to end."
    trainer.data_collator.padding_free = True
    return "Rows are packed: laid end to end without padding, and none sees another."


def apart(model: Any) -> float:
    """Return how far the logits of packed rows are from those of the same rows alone.

    Args:
        model: that takes ``position_ids``, which begin anew with each row.

    Returns:
        The share of the logits' size; 0 for a model that keeps rows apart.
    """
    import torch

    device = next(model.parameters()).device
    size = model.get_input_embeddings().weight.shape[0]
    draw = torch.Generator().manual_seed(0)
    rows = [torch.randint(size, (1, count), generator=draw).to(device) for count in TRIED]
    places = torch.cat([torch.arange(count, device=device) for count in TRIED])[None]
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            alone = torch.cat([model(input_ids=row, use_cache=False).logits for row in rows], 1)
            packed = model(
                input_ids=torch.cat(rows, 1), position_ids=places, use_cache=False
            ).logits
    finally:
        model.train(training)
    return float((packed - alone).float().norm() / alone.float().norm())
