"""Settings that only a trainer knows, as a platform lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class TrainerSetting:
    """A setting of a trainer that ``--set NAME=VALUE`` gives, or a flag of its own.

    Attributes:
        name: as the trainer has it.
        values: the values that it takes, in words: ``a number from 0 to 1``.
        default: as a user would type it; ``null`` for none.
        of: the trainer's own, or of LoRA.
        help: one line; empty where the trainer has none.

    Example:
        >>> TrainerSetting("lora_dropout", "a number from 0 to 1", "0.0", "lora")
    """

    name: str
    values: str
    default: str
    of: Literal["trainer", "lora"] = "trainer"
    help: str = ""
