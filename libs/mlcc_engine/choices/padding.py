"""The padding of a training's batches, and the decision to lay rows end to end instead.

It follows from the lengths of the rows and the model's width alone, so that a job that goes on
after a crash decides as it did before.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlcc_engine.request import Request

TRAINERS = ("trl:SFTTrainer",)
"""Trainers whose batches were measured: the same losses as padded ones, within 1e-6."""

LEAST_SAVED = 0.15
"""Share of a step's time that packing must save, by the estimate, to be chosen."""

EVEN = 5
"""Tokens that are attended to, for each number of the model's width, at which attention takes as
long as all that grows with the tokens alone. Packed rows attend, under a mask, to all tokens of the
batch, padded ones to their own row. Forward and backward in float32 on one core, batches of 8 rows,
packed over padded time beside (the estimate), by the share of tokens that rows have:

longest row                          30 %         50 %         80 %
width 576, 256 tokens                0.33 (0.33)  0.59 (0.62)  1.30 (1.15)
width 576, 512 tokens                0.42 (0.36)  0.65 (0.73)  1.66 (1.45)
width 576, 1,024 tokens              0.46 (0.41)  0.97 (0.89)
width 256 (mlcc-tiny), 1,024 tokens  0.58 (0.36)  1.42 (1.17)    the first with 25 %

A whole model of width 576 and 135 million parameters, 4 rows, 256 tokens: 0.58 (0.54) at 50 %."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The form of a training's batches.

    Attributes:
        packed: rows are laid end to end.
        why: for people, as the end of a sentence; empty where there was nothing to choose.
    """

    packed: bool
    why: str = ""

    def in_words(self) -> list[str]:
        """Say it in a line of the plan; no line where there was nothing to choose."""
        if not self.why:
            return []
        if not self.packed:
            return [f"Rows of a batch are padded: {self.why}"]
        return [f"Rows of a batch are packed, if the model keeps them apart: {self.why}"]


def choose(
    request: Request, values: Mapping[str, Any], sizes: Mapping[int, int], rows: int, width: int
) -> Choice:
    """Choose between padded and packed batches.

    Args:
        request: of the job.
        values: hyperparameters by the Config's names.
        sizes: how many rows there are of each length in tokens.
        rows: that go through the model at once.
        width: of the model.
    """
    if request.trainer not in TRAINERS:
        return Choice(packed=False)
    if request.packing is not None:
        flag = "--packing" if request.packing else "--no-packing"
        return Choice(request.packing, f"as {flag} asks")
    if why := _obstacle(request, values):
        return Choice(packed=False, why=why)
    if not sizes:
        return Choice(packed=False)
    longest, mean = longest_of(sizes, rows), mean_of(sizes)
    share = 1 - mean / longest
    padding = f"padding is {share:.0%} of their tokens"
    if share <= LEAST_SAVED:
        return Choice(packed=False, why=padding)
    saved = 1 - _time(rows * mean, rows * mean, width) / _time(rows * longest, longest, width)
    if saved <= LEAST_SAVED:
        long = f"and attention over {rows * mean:,.0f} tokens at once would take longer"
        return Choice(packed=False, why=f"{padding}, {long}")
    return Choice(packed=True, why=f"{padding} otherwise (--no-packing)")


def _obstacle(request: Request, values: Mapping[str, Any]) -> str | None:
    """Return why rows are padded whatever their lengths."""
    if request.processes > 1:
        return "several processes share them"
    if request.row_form != "conversation":
        return "their trainer renders them itself"
    if values.get("neftune_noise_alpha"):
        return "the noise of neftune_noise_alpha depends on the length of a sequence"
    return None


def mean_of(sizes: Mapping[int, int]) -> float:
    """Return the mean length of rows."""
    return sum(length * count for length, count in sizes.items()) / sum(sizes.values())


def longest_of(sizes: Mapping[int, int], rows: int) -> float:
    """Return the length of the longest of so many rows that are drawn by chance, on average."""
    total, below, expected = sum(sizes.values()), 0, 0.0
    for length in sorted(sizes):
        upto = below + sizes[length]
        expected += length * ((upto / total) ** rows - (below / total) ** rows)
        below = upto
    return expected


def heaviest(sizes: Mapping[int, int], rows: int, longest: int) -> float:
    """Return the tokens of a heavy batch of packed rows: two standard deviations above the mean.

    Args:
        sizes: how many rows there are of each length.
        rows: that go through the model at once.
        longest: tokens at which rows are cut.
    """
    cut = Counter[int]()
    for length, count in sizes.items():
        cut[min(length, longest)] += count
    mean = mean_of(cut)
    squares = sum((length - mean) ** 2 * count for length, count in cut.items())
    spread = math.sqrt(squares / sum(cut.values()))
    return min(rows * max(cut), rows * mean + 2 * math.sqrt(rows) * spread)


def _time(tokens: float, attended: float, width: int) -> float:
    """Return the time of a batch, in tokens that attend to nothing."""
    return tokens * (1 + attended / (EVEN * width))
