"""Models that an evaluation tells apart, really trained.

``learned`` is trained on facts. ``unchanged`` is an adapter of zeros. ``reversed`` is trained on
the same rows with every gradient reversed, so that its loss rises. ``shuffled`` is trained on the
same questions with the answers of others.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLACES = ("Avon", "Bree", "Cork", "Dale", "Eyam", "Fife", "Gant", "Hull")
PLACES += ("Iona", "Jura", "Kent", "Leek", "Mold", "Nant", "Oban", "Perth")
KINGS = ("Ada", "Ben", "Cid", "Dot", "Eli", "Fay", "Gus", "Hal")
KINGS += ("Ivy", "Jan", "Kit", "Lou", "Max", "Ned", "Ora", "Pip")

WORDINGS = ("Who rules {}?", "Say who rules {}.", "Tell me the ruler of {}.")
HELD_OUT = ("Please say who rules {}.", "Tell me who rules {}.")


@dataclass(frozen=True, slots=True)
class Made:
    """The outputs of the trainings, and the rows that none of them saw."""

    learned: Path
    unchanged: Path
    reversed: Path
    shuffled: Path
    rows: Sequence[Mapping[str, str]]


def facts(wordings: Sequence[str], kings: Sequence[str] = KINGS) -> list[dict[str, str]]:
    """Questions in some wordings, with their answers."""
    return [
        {"prompt": wording.format(place), "completion": f"{king} rules {place}."}
        for wording in wordings
        for place, king in zip(PLACES, kings, strict=True)
    ]


def shuffled() -> list[dict[str, str]]:
    """The rows to train on, each with the answer of another one."""
    rows = facts(WORDINGS)
    answers = [row["completion"] for row in rows]
    moved = [*answers[5:], *answers[:5]]
    return [{**row, "completion": answer} for row, answer in zip(rows, moved, strict=True)]


def make(train: Callable[..., Any], folder: Path) -> Made:
    """Train all of them.

    Args:
        train: rows and keywords of a request in, a training with its ``output`` out.
        folder: takes the adapter of zeros.
    """
    longer = {"num_train_epochs": 16, "learning_rate": 5e-3}
    shorter = {"num_train_epochs": 1, "learning_rate": 5e-4}
    learned = train(facts(WORDINGS), hyperparameters=longer).output
    backwards = train(
        facts(WORDINGS), hyperparameters=shorter, callbacks=(f"{__name__}:reversing",)
    )
    return Made(
        learned=learned,
        unchanged=zeroed(learned, folder / "zeros"),
        reversed=backwards.output,
        shuffled=train(shuffled(), hyperparameters=longer).output,
        rows=facts(HELD_OUT),
    )


def reversing() -> Any:
    """A call-back that reverses every gradient before the optimizer's step."""
    from transformers import TrainerCallback

    class Reversing(TrainerCallback):
        def on_pre_optimizer_step(self, args, state, control, model=None, **kwargs):
            for weight in model.parameters():
                if weight.grad is not None:
                    weight.grad.neg_()

    return Reversing()


def zeroed(adapter: Path, into: Path) -> Path:
    """Copy an adapter with all its weights zero."""
    import torch
    from safetensors.torch import load_file, save_file

    shutil.copytree(adapter, into)
    file = into / "adapter_model.safetensors"
    weights = {name: torch.zeros_like(weight) for name, weight in load_file(file).items()}
    save_file(weights, file, metadata={"format": "pt"})
    return into
