"""A whole model in the layout of the Hub: an adapter merged into its base, or a model as it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcc_engine import generate
from mlcc_engine.export import clean, space
from mlcc_engine.model import models
from mlcc_engine.saving import output
from mlcc_engine.saving.rounding import round_weights

SEED = 0
"""Of the rounding: the same adapter gives the same files."""


def write(
    folder: Path,
    model: str,
    adapter: str | None,
    dtype: str | None,
    shard_bytes: int,
    *,
    copies: int = 1,
) -> Mapping[str, Any]:
    """Write a model into a folder, with tokenizer, chat template and generation settings.

    An adapter is merged in float32: what it adds is mostly less than a bfloat16 weight tells
    apart. Weights are then rounded at random, so that the sum of what was learned is kept.

    Args:
        folder: exists, and is empty.
        model: the base, or a whole model.
        adapter: folder of the adapter that is merged into it.
        dtype: number format of the weights; ``None`` for that of the model.
        shard_bytes: files of weights are at most so large.
        copies: of the weights that need space on the disk at a time.

    Returns:
        ``dtype``, the number format that they have.

    Raises:
        MlccError, PlatformError: a part of it cannot be had, or there is no space for it.
    """
    import torch

    source = models.locate(model)
    own = models.stored_dtype(source)
    wanted: torch.dtype = own if dtype is None else getattr(torch, dtype)
    space.check(source, wanted.itemsize, folder, copies)
    tokenizer_source = adapter if adapter and _has_tokenizer(Path(adapter)) else source
    chat = models.load_tokenizer(tokenizer_source)
    whole = adapter is None and wanted == own
    loaded: Any = models.load_model(source, own if whole else torch.float32)
    models.end_turns(loaded, chat)
    if adapter is not None:
        loaded = generate.put_on(loaded, Path(adapter), model).merge_and_unload()
    round_weights(loaded, wanted, SEED)
    loaded.save_pretrained(folder, max_shard_size=shard_bytes)
    chat.tokenizer.save_pretrained(folder)
    if models.is_vision_language(models.load_config(source)):
        output.copy_processor_files(source, folder)
    clean.clean(folder, [source, *([adapter] if adapter else [])])
    return {"dtype": str(wanted).removeprefix("torch.")}


def _has_tokenizer(folder: Path) -> bool:
    return (folder / "tokenizer_config.json").is_file()
