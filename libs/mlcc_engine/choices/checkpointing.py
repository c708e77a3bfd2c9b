"""Gradient checkpointing by need: activations are computed twice where there is no room for them.

The plan and the job decide here alike, each by the memory that is free when it looks.
"""

from __future__ import annotations

from dataclasses import dataclass

from mlcc_engine.forecast.memory import in_words

MARGIN = 1.25
"""Free memory over the estimated need at which there is plenty: the estimate errs by a quarter at
most for the models that it was measured with."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The decision of a job.

    Attributes:
        on: activations are computed again for the backward pass, instead of kept.
        need: bytes of the training, so decided.
        line: says it to people; empty where nothing is out of the ordinary.
    """

    on: bool
    need: int
    line: str = ""


def wanted(kept: int, free: int | None) -> bool:
    """Return whether a training is too large to keep its activations.

    Args:
        kept: bytes that it needs with them.
        free: bytes that there are, if that is known.
    """
    return free is not None and kept * MARGIN > free


def choose(asked: object, kept: int, recomputed: int, free: int | None) -> Choice:
    """Choose for a job.

    Args:
        asked: the user's own choice; ``None`` where there is none.
        kept: bytes that the training needs with its activations kept.
        recomputed: bytes that it needs with them computed again.
        free: bytes that there are, if that is known.
    """
    if asked is not None:
        return Choice(bool(asked), recomputed if asked else kept)
    if free is None or not wanted(kept, free) or recomputed >= kept:
        return Choice(on=False, need=kept)
    line = (
        "Gradient checkpointing is on, which takes about 30 % more time: without it, about "
        f"{in_words(kept)} would be needed of {in_words(free)} (--set gradient_checkpointing=false)"
    )
    return Choice(on=True, need=recomputed, line=line)
