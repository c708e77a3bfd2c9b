"""Ranges of settings that no annotation tells, by their names."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that a setting may have.

    Attributes:
        low, high: bounds.
        low_open, high_open: the bound itself is out of it.
    """

    low: float
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def holds(self, number: float) -> bool:
        """Return whether a number is within."""
        above = number > self.low if self.low_open else number >= self.low
        return above and (number < self.high if self.high_open else number <= self.high)

    def in_words(self) -> str:
        """Describe it after a noun: ``from 0 to 1``, ``above 0``, ``of at least 1``."""
        if self.high == math.inf:
            return f"above {self.low:g}" if self.low_open else f"of at least {self.low:g}"
        first = f"above {self.low:g} and" if self.low_open else f"from {self.low:g}"
        last = "below" if self.high_open else "up to" if self.low_open else "to"
        return f"{first} {last} {self.high:g}"


RANGE_BY_NAME: Mapping[str, Range] = {
    r".*dropout|adam_beta[12]": Range(0, 1, high_open=True),
    r"top_p": Range(0, 1, low_open=True),
    r"min_p|label_smoothing(_factor)?|.*_quantile|ref_model_mixup_alpha": Range(0, 1),
    r"vllm_gpu_memory_utilization": Range(0, 1, low_open=True),
    r"num_generations": Range(2),
    r"temperature|repetition_penalty|adam_epsilon|discopop_tau": Range(0, low_open=True),
    r"num_.*|max_steps|.*_sync_steps|steps_per_generation|dataset_num_proc|generation_batch_size"
    r"|precompute_ref_batch_size|qalora_group_size|dataloader_prefetch_factor": Range(1),
    r"weight_decay|warmup_steps|max_grad_norm|neftune_noise_alpha|beta|top_k|entropy_coef.*"
    r"|epsilon.*|delta|dataloader_num_workers|data_seed|router_aux_loss_coef": Range(0),
}
"""By a pattern of names; the first that fits counts."""


def range_of(name: str) -> Range | None:
    """Return the range of a setting; ``None`` where none is known."""
    return next(
        (range_ for names, range_ in RANGE_BY_NAME.items() if re.fullmatch(names, name)), None
    )
