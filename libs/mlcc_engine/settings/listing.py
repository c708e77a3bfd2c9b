"""The list of settings that users can give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcc_core import TrainerSetting
from mlcc_engine.settings import known
from mlcc_engine.train.trainers import Trainer

BY_JOB: Mapping[str, str] = {"gradient_checkpointing": "where memory is short"}
"""Defaults that the job decides."""


def listed(trainer: str, fixed: Mapping[str, Any], training_type: str) -> list[TrainerSetting]:
    """Return every setting that ``--set`` takes, the trainer's first, by name.

    Args:
        trainer: as recipes name it.
        fixed: settings of the recipe.
        training_type: LoRA's are listed for ``lora`` alone.
    """
    found = known.of_trainer(Trainer(trainer), fixed)
    ordered = [found[name] for name in sorted(found)]
    if training_type == "lora":
        lora = known.of_lora()
        ordered += [lora[name] for name in sorted(lora)]
    return [
        TrainerSetting(
            each.name,
            each.in_words(),
            BY_JOB.get(each.name, each.shown_default()),
            each.of,
            each.help,
        )
        for each in ordered
    ]
