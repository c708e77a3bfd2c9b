"""One evaluation that leaves no trace in the training: random states, modes and methods stay."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from mlcc_engine.ranks.agreeing import gathered

Weighted = list[tuple[float, int]]
"""Values, each with the number of rows that it is the mean of."""


@contextmanager
def undisturbed(trainer: Any, seed: int) -> Iterator[None]:
    """Go on after the block as if it had not been.

    Within it, random numbers start from ``seed``: evaluations differ by the model alone.

    Args:
        trainer: whose model is measured.
        seed: of what an evaluation samples.
    """
    import numpy as np
    import torch

    model = trainer.model
    trains = model.training
    python, numbers = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numbers)
            # TRL counts a report as one of training or of evaluation by the model's mode.
            model.train(trains)


def evaluate(trainer: Any, seed: int) -> tuple[Mapping[str, float], Weighted]:
    """Measure the held-out rows.

    Args:
        trainer: with an evaluation dataset.
        seed: of what is sampled.

    Returns:
        What the trainer reports, and the loss of each batch.
    """
    losses: list[tuple[Any, int]] = []
    with undisturbed(trainer, seed), _heard(trainer, losses):
        reported = trainer.evaluate()
    mine = [(float(loss), rows) for loss, rows in losses]
    return reported, [pair for each in gathered(mine) for pair in each]


@contextmanager
def _heard(trainer: Any, losses: list[tuple[Any, int]]) -> Iterator[None]:
    """Take down the loss of each batch: a trainer reports their mean alone."""
    step = trainer.prediction_step

    def heard(model: Any, inputs: Any, *arguments: Any, **keywords: Any) -> Any:
        rows = _rows(inputs)
        answer = step(model, inputs, *arguments, **keywords)
        if answer[0] is not None:
            losses.append((answer[0].mean(), rows))
        return answer

    trainer.prediction_step = heard
    try:
        yield
    finally:
        del trainer.prediction_step


def _rows(inputs: Any) -> int:
    """Return how many rows, or their like in the same number each, a batch has."""
    columns = inputs.values() if isinstance(inputs, Mapping) else (inputs,)
    return max(1, len(next(iter(columns), ())))


def mean_of_groups(scores: Sequence[float | None], size: int) -> Weighted:
    """Return the mean of each group of so many scores; groups without any are left out."""
    groups = [scores[start : start + size] for start in range(0, len(scores), size)]
    known = [[score for score in group if score is not None] for group in groups]
    return [(statistics.fmean(group), 1) for group in known if group]


def weighted_mean(values: Weighted) -> tuple[float, float | None]:
    """Return the mean and its standard error; ``None`` for an error that cannot be known."""
    total = sum(rows for _, rows in values)
    mean = sum(value * rows for value, rows in values) / total
    if len(values) < 2:
        return mean, None
    square = sum((rows / total * (value - mean)) ** 2 for value, rows in values)
    error = math.sqrt(square * len(values) / (len(values) - 1))
    return mean, error if math.isfinite(error) else None
