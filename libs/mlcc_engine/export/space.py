"""Space on the disk for what is to be written, asked before anything is loaded."""

from __future__ import annotations

import math
from pathlib import Path

from mlcc_core import PlatformError
from mlcc_core.helpers import disk_errors
from mlcc_core.helpers.hints import free_space
from mlcc_engine.model import quantized
from mlcc_engine.model.model_folder import read_config
from mlcc_engine.model.tensors import model_tensors
from mlcc_engine.saving.disk import free_at

BESIDE = 2**25
"""Bytes for all that is not weights: a tokenizer is 20 MB at most."""


def check(source: str, width: int, folder: Path, copies: int = 1) -> None:
    """Refuse to write weights that the disk has no space for.

    Args:
        source: folder of the model.
        width: bytes of a number that is written.
        folder: where the weights go.
        copies: that are there at a time.

    Raises:
        PlatformError: there is too little.
    """
    place = Path(source)
    if not place.is_dir():
        return
    method = quantized.method(read_config(place))
    numbers = sum(
        quantized.parameters(name, math.prod(tensor.shape), method)
        for name, tensor in model_tensors(place).items()
    )
    needed = numbers * width * copies + BESIDE
    with disk_errors(folder):
        free = free_at(folder)
    if free < needed:
        raise PlatformError(
            f"The export needs {_words(needed)} of space, and the disk has {_words(free)}: "
            f"{folder.parent}",
            hint=free_space(folder.parent, "free some space, or export to another disk"),
        )


def _words(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
