"""The last numbers of a job, under the framework's names.

The service documents no names. Those that trainers commonly give are known here: ``train:loss``,
``train_loss``, ``eval_loss``, ``val/loss``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

LOSS, HELD_OUT_LOSS = "loss", "held_out_loss"

TRAINED, HELD_OUT = "train(?:ing)?", "eval(?:uation)?|val(?:id(?:ation)?)?"
KNOWN = re.compile(
    rf"(?:(?:(?P<trained>{TRAINED})|(?P<held_out>{HELD_OUT}))[:/_. -]+)?(?:rewards?[:/_.])?"
    r"(?P<number>loss|reward|margin|accurac)(?:s|y|ies)?\Z",
    re.IGNORECASE,
)
"""Names of numbers that people are shown: of training, or of the rows that are held out."""

TRAINER = re.compile(
    rf"(?:{TRAINED})[:/_.](?P<number>learning_rate|grad_norm|entropy|mean_token_accuracy|num_tokens)\Z",
    re.IGNORECASE,
)
"""Names of other numbers of training that jobs on this machine report, too."""


def final_metrics(description: Mapping[str, Any]) -> dict[str, float]:
    """Return the last numbers that the service reports; those without a name of ours keep theirs.

    The held-out loss is ``held_out_loss``, the loss of training ``loss``.
    """
    numbers: dict[str, float] = {}
    for metric in description.get("FinalMetricDataList") or ():
        name, value = metric.get("MetricName"), metric.get("Value")
        if name and value is not None and math.isfinite(value):
            numbers[known_name(str(name))] = float(value)
    return numbers


def known_name(name: str) -> str:
    """Return the framework's name of a number; the name itself where it has none.

    Example:
        >>> known_name("eval_loss"), known_name("train:loss"), known_name("lr")
        ('held_out_loss', 'loss', 'lr')
    """
    others = TRAINER.match(name)
    if others is not None:
        return others["number"].lower()
    match = KNOWN.match(name)
    if match is None:
        return name
    number = match["number"].lower().replace("accurac", "accuracy")
    return f"held_out_{number}" if match["held_out"] else number
