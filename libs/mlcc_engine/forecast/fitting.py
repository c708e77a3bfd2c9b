"""The settings, and the model, that would fit where a plan needs more memory than there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

from mlcc_core import MlccError
from mlcc_engine.forecast import needs
from mlcc_engine.forecast.memory import Shape
from mlcc_engine.hub import cache
from mlcc_engine.model.models import default_cache
from mlcc_engine.smollm2 import model as smollm2

SHORTEST = 64
"""Tokens; rows that are cut shorter teach little."""

LORA = "lora"
FOUR_BITS = "--quantize 4bit"


class NeedOf(Protocol):
    """The bytes that a plan needs with another model, batch, length or way of training."""

    def __call__(
        self,
        shape: Shape,
        rows: int,
        length: int,
        training_type: str | None = ...,
        *,
        recomputed: bool = ...,
        four_bits: bool | None = ...,
    ) -> int: ...


def advice(
    shape: Shape,
    source: str,
    free: int,
    need_of: NeedOf,
    *,
    rows: int,
    length: int,
    lora: bool,
    sampled: bool,
    recomputed: bool = False,
    four_bits: bool = False,
    bitsandbytes: bool = False,
) -> str:
    """Return the line that says what would fit.

    Args:
        shape: of the model that does not.
        source: its folder.
        free: bytes that there are.
        need_of: forecasts a changed plan.
        rows: at once.
        length: of the longest.
        lora: an adapter is trained.
        sampled: rows are replies that the model samples; other flags bound them.
        recomputed: activations are computed again instead of kept.
        four_bits: the frozen weights are held so already.
        bitsandbytes: that package is installed, which holds them so.
    """
    keeping = partial(need_of, recomputed=recomputed)
    ways = []
    if not recomputed and need_of(shape, rows, length, recomputed=True) <= free:
        ways.append("--set gradient_checkpointing=true")
    if not lora and keeping(shape, rows, length, LORA) <= free:
        ways.append("--training-type lora")
    elif (
        bitsandbytes
        and not four_bits
        and keeping(shape, rows, length, LORA, four_bits=True) <= free
    ):
        ways.append(FOUR_BITS if lora else f"--training-type lora {FOUR_BITS}")
    if not sampled:
        fewer = (n for n in range(rows - 1, 0, -1) if keeping(shape, n, length) <= free)
        ways += [f"--batch-size {n}" for n in fewer][:1]
        shorter = (n for n in _shorter(length) if keeping(shape, rows, n) <= free)
        ways += [f"--max-seq-length {n}" for n in shorter][:1]
    known = _largest(shape, source, free, keeping, rows, length)
    ways += [] if known is None else [f"--model {known}, the largest known here that does"]
    if not ways:
        return "⚠️  That is more than there is, and no known model would fit (mlcc models)."
    return f"⚠️  That is more than there is. It would fit with {', or '.join(ways)}."


def _shorter(length: int) -> Iterator[int]:
    """Yield shorter lengths, powers of two, from the longest."""
    yield from (2**power for power in range(20, 0, -1) if SHORTEST <= 2**power < length)


def _largest(
    shape: Shape,
    source: str,
    free: int,
    need_of: Callable[[Shape, int, int], int],
    rows: int,
    length: int,
) -> str | None:
    """The largest smaller model on this machine that would fit."""
    best: tuple[int, str] | None = None
    for name, folder in _known():
        if folder == Path(source):
            continue
        try:
            other = needs.sizes_of(folder).shape
        except (MlccError, OSError):
            continue
        if other is None or other.parameters >= shape.parameters:
            continue
        if need_of(other, rows, length) <= free and (best is None or other.parameters > best[0]):
            best = other.parameters, name
    return None if best is None else best[1]


def _known() -> Iterator[tuple[str, Path]]:
    """Yield name and folder of each model here but the toy."""
    if smollm2.is_ready(default_cache()):
        yield smollm2.NAME, smollm2.folder_in(default_cache())
    yield from ((str(name), folder) for name, folder in cache.snapshots())
