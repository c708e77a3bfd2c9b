"""Free space: before a training, before each checkpoint, and before the output."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core import PlatformError
from mlcc_core.helpers.hints import free_space
from mlcc_engine.saving.disk import free_at

MOMENTS = 2
"""Numbers that the optimizer keeps for each trained one: AdamW's."""

BESIDE = 4 * 2**20
"""Bytes of the other files: tokenizer, state, log."""

BYTES_A_SECOND = 200e6
"""A slow disk, to guess how long a checkpoint takes before one was saved."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The bytes that a training leaves on the disk.

    Attributes:
        checkpoint: a checkpoint.
        output: the adapter, or the model.
    """

    checkpoint: int
    output: int

    @property
    def seconds(self) -> float:
        """Guess how long a checkpoint takes."""
        return self.checkpoint / BYTES_A_SECOND


def needs_of(model: Any, dtype: Any, *, adapter: bool) -> Needs:
    """Estimate what the training of a model leaves.

    Args:
        model: with its trained weights marked.
        dtype: the number format of a full model that is saved.
        adapter: the adapter alone is saved.
    """
    trained = sum(
        weight.numel() * weight.element_size()
        for weight in model.parameters()
        if weight.requires_grad
    )
    whole = sum(weight.numel() for weight in model.parameters()) * dtype.itemsize
    return Needs(trained * (1 + MOMENTS) + BESIDE, (trained if adapter else whole) + BESIDE)


def require(needed: int, path: Path, purpose: str, *, taken: int = 0) -> None:
    """Refuse to go on where the disk is too full.

    Args:
        needed: bytes.
        path: on the disk that is meant.
        purpose: of the bytes, to follow "for".
        taken: bytes of them that are on the disk already.

    Raises:
        PlatformError: there is less.
    """
    free = free_at(path)
    if free + taken < needed:
        raise PlatformError(
            f"The disk is full: {size(needed - taken)} are needed for {purpose}, "
            f"{size(free)} are free at {path}.",
            hint=free_space(path, "free some space, then run it again"),
        )


def size(number: int) -> str:
    """Return a number of bytes for people."""
    return f"{number / 2**30:.1f} GiB" if number >= 2**30 else f"{number / 2**20:.1f} MiB"
