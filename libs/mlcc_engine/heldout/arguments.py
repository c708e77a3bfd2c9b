"""Arguments of a trainer and of its Config that are about held-out rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from mlcc_engine.heldout.cadence import REPLIES

ARGUMENT = "eval_dataset"
"""The argument of a trainer that takes held-out rows."""


def held_out_arguments(fields: Collection[str]) -> dict[str, Any]:
    """Return the arguments of a Config that say how held-out rows go through the model.

    Args:
        fields: of the Config.
    """
    chosen = {"eval_packing": False, "num_generations_eval": REPLIES}
    return {name: value for name, value in chosen.items() if name in fields}
