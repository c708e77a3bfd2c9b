"""The steps at which held-out rows are measured: counted, so that equal requests do equal work.

A choice by the clock would keep other weights when the same job is run again.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from mlcc_core import MlccError

FLAG = "--eval-every"

SHARE = 0.1
"""Of the work of a training, at most about so much goes into held-out rows by default."""

FORWARD = 1 / 3
"""Work of measuring a row over that of training on it: going backward takes about two forward
passes (Kaplan et al., "Scaling Laws for Neural Language Models", 2020, section 2.1)."""

OVERHEAD = 0.5
"""Work of an evaluation in steps, however few its rows: measured with the smallest model."""

BATCHES = 5
"""Batches of held-out rows, about, where they are few: the spread of rows shows in them."""

REPLIES = 2
"""Replies that are sampled to a held-out prompt: more prompts tell more than more replies, and
some trainers compare replies to a prompt with each other."""

MOST = 20
"""Evaluations after the first one by default, at most."""

LEAST_TO_STOP = 10
"""Evaluations after the first one where the training may stop early, at least."""

_STEPS = re.compile(r"0*[1-9]\d{0,8}")
_SHARE = re.compile(r"(\d{1,3}(\.\d+)?) ?%")


@dataclass(frozen=True, slots=True)
class Work:
    """The work of a training, in sequences: rows, or replies that the model samples.

    Attributes:
        steps: optimizer steps.
        step: sequences in one of them.
        micro_batch: sequences that go through the model at once.
        rows: that are held out.
        sampled: replies are sampled, all of a step at once.
    """

    steps: int
    step: int
    micro_batch: int
    rows: int
    sampled: bool = False

    @property
    def batch(self) -> int:
        """Return how many sequences of held-out rows go through the model at once."""
        if self.sampled:
            return -(-self.step // REPLIES) * REPLIES
        return min(self.micro_batch, math.ceil(self.rows / BATCHES))

    @property
    def evaluation(self) -> float:
        """Return the work of one evaluation in steps."""
        sequences = self.rows * (REPLIES if self.sampled else 1)
        batches = math.ceil(sequences / self.batch)
        passes = 1 if self.sampled else math.ceil(self.step / self.micro_batch)
        share = max(sequences / self.step, batches / passes)
        return OVERHEAD + share * (1 if self.sampled else FORWARD)


def every(asked: str | None, work: Work, patience: int | None) -> int:
    """Return the steps from one evaluation to the next.

    Args:
        asked: ``25`` (steps), ``10%`` (of the steps), or ``None``.
        work: of the job.
        patience: evaluations after which the training stops early; ``None`` for never.

    Raises:
        MlccError: what was asked is neither.
    """
    if asked is not None:
        share = share_of(asked)
        return int(asked) if share is None else max(1, round(work.steps * share))
    affordable = math.floor(SHARE * work.steps / work.evaluation) - 1
    least = 1 if patience is None else LEAST_TO_STOP
    return max(1, math.ceil(work.steps / max(least, min(MOST, affordable))))


def share_of(asked: str) -> float | None:
    """Return the share of the steps that was asked for; ``None`` where steps were.

    Raises:
        MlccError: neither was.
    """
    if _STEPS.fullmatch(asked):
        return None
    share = _SHARE.fullmatch(asked)
    if share is not None and 0 < float(share[1]) <= 100:
        return float(share[1]) / 100
    raise MlccError(
        f"{FLAG} is {asked!r}, expected a number of steps (25) or a share of all (10%).",
        where=FLAG,
        hint=f"{FLAG} 10%",
    )


def in_words(work: Work, interval: int) -> str:
    """Say when held-out rows are measured, and the work of it.

    Example:
        ``50 held-out rows are measured before, every 20 steps and after: 8 % more work``
    """
    rows = f"{work.rows:,} held-out {'row is' if work.rows == 1 else 'rows are'}"
    between = f", every {interval:,} steps" if 1 < interval < work.steps else ""
    between = ", after every step" if interval == 1 and work.steps > 1 else between
    times = 1 + math.ceil(work.steps / interval)
    more = 100 * times * work.evaluation / work.steps
    share = f"{more:.2g}" if more < 10 else f"{more:.0f}"
    return f"{rows} measured before{between} and after training: about {share} % more work"
