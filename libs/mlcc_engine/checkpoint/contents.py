"""Everything in a trainer that decides how a training goes on: written to a folder, and read back.

Optimizer, schedule, random states, call-backs and step are saved and read by transformers' Trainer
itself, and so is the position in the data: its batches are skipped. Here is what it leaves to
others: the trained weights, by their names in the model, and numbers that trainers keep apart.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlcc_engine.saving.trained import trained_weights

WEIGHTS = "weights.safetensors"
APART = "apart.pt"

NUMBERS = ("_step", "_total_train_tokens", "_globalstep_last_logged", "_tr_loss")
"""Attributes of trainers, where they have them: without these, what is logged next would differ."""

METRICS, REPLIES = "_metrics", "_buffered_inputs"
"""Numbers that TRL will log as their mean, and replies that it sampled and has yet to train on."""

SAMPLERS_DRAWS = "_get_train_sampler"


def write(trainer: Any, folder: Path) -> None:
    """Fill ``folder`` with the state of a trainer after a whole optimizer step.

    Args:
        trainer: whose ``save_model`` has been replaced by :func:`write_weights`.
        folder: of the disk; it is made where the trainer makes its own.

    Raises:
        Exception: the disk refuses; libraries say so in many ways.
    """
    import torch
    from transformers import Trainer

    # Not TRL's own, which writes a model card beside it.
    Trainer._save_checkpoint(trainer, trainer.model, None)  # noqa: SLF001 - made to be overridden
    if trainer.args.should_save:
        torch.save(_apart(trainer), folder / APART)


def write_weights(trainer: Any) -> Callable[..., None]:
    """Return what saves the trained weights of a trainer, in place of its ``save_model``."""

    def save(folder: str, _internal_call: bool = False) -> None:
        from safetensors.torch import save_file

        if trainer.args.should_save:
            Path(folder).mkdir(parents=True, exist_ok=True)
            save_file(
                {
                    name: weight.detach().contiguous()
                    for name, weight in trained_weights(trainer.model).items()
                },
                Path(folder) / WEIGHTS,
            )

    return save


def read_weights(trainer: Any, folder: Path) -> None:
    """Put the weights of a checkpoint into the trainer's model.

    Raises:
        KeyError: the model trains others.
    """
    import torch
    from safetensors.torch import load_file

    saved = load_file(folder / WEIGHTS, device="cpu")
    with torch.no_grad():
        for name, weight in trained_weights(trainer.model).items():
            weight.copy_(saved[name])


def read_apart(trainer: Any, folder: Path) -> None:
    """Give a trainer back the numbers that it keeps apart; call it once training has begun."""
    import torch

    apart = torch.load(folder / APART, map_location=trainer.args.device.type, weights_only=True)
    for name in NUMBERS:
        if name in apart and hasattr(trainer, name):
            setattr(trainer, name, apart[name])
    if METRICS in apart and hasattr(trainer, METRICS):
        getattr(trainer, METRICS)["train"].update(apart[METRICS])
    if REPLIES in apart:
        setattr(trainer, REPLIES, apart[REPLIES])


def draw_again(trainer: Any, epochs: int) -> None:
    """Bring samplers with random numbers of their own to where they were after so many epochs.

    TRL's sampler of prompts draws each epoch's order from one stream. The Trainer's own orders
    depend on seed and epoch alone.
    """
    make = getattr(trainer, SAMPLERS_DRAWS)

    def made(*arguments: Any, **named: Any) -> Any:
        sampler = make(*arguments, **named)
        if getattr(sampler, "generator", None) is not None:
            for _ in range(epochs):
                next(iter(sampler), None)
        return sampler

    setattr(trainer, SAMPLERS_DRAWS, made)


def _apart(trainer: Any) -> dict[str, Any]:
    apart = {name: getattr(trainer, name) for name in NUMBERS if hasattr(trainer, name)}
    if hasattr(trainer, METRICS):
        apart[METRICS] = {
            name: list(values) for name, values in getattr(trainer, METRICS)["train"].items()
        }
    rounds = getattr(trainer.args, "steps_per_generation", None)
    if rounds and apart.get("_step", 0) % (rounds * getattr(trainer, "num_iterations", 1)):
        apart[REPLIES] = getattr(trainer, REPLIES, None)
    return apart
