"""The trained part of a model, as an adapter that lies on this machine tells it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core.helpers.hints.lora import lora_rank
from mlcc_core.project.records import RunRecord

CONFIG = "adapter_config.json"


@dataclass(frozen=True, slots=True)
class Lora:
    """The shape of an adapter.

    Attributes:
        rank: the largest that it has on any module.
        alpha: of it.
        modules: kinds of modules that were trained.
    """

    rank: int
    alpha: object
    modules: tuple[str, ...]

    def in_words(self) -> str:
        """Return it on one line."""
        return f"LoRA: rank {self.rank}, alpha {self.alpha}, on {', '.join(self.modules)}"


def lora_of(record: RunRecord) -> Lora | None:
    """Return the shape of the adapter that a run left; ``None`` where it cannot be read here."""
    if record.output is None or record.output.kind != "adapter":
        return None
    try:
        config: Any = json.loads((Path(record.output.path) / CONFIG).read_bytes())
        targets = config["target_modules"]
        names = [targets] if isinstance(targets, str) else targets
        modules = tuple(sorted({str(name).rpartition(".")[2] for name in names}))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return Lora(lora_rank(config), config.get("lora_alpha"), modules)
