"""The folder that a job leaves behind: whole and proved, or not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlcc_core import JobError, MlccError, PlatformError
from mlcc_core.helpers import atomic_folder, disk_error
from mlcc_engine.base import bases
from mlcc_engine.model import models
from mlcc_engine.saving.rounding import round_weights

TRAINED = "default"
"""The name of the adapter that is trained, which PEFT gives."""


def check_free(output: Path) -> None:
    """Refuse an output folder that holds something already, or that could not be made.

    Raises:
        MlccError: it holds something.
        PlatformError: the folder around it cannot be written.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise MlccError(f"The output folder {output} is not empty; nothing is overwritten.")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(error, doing=f"make {output.parent}") from None
    if not os.access(output.parent, os.W_OK):
        raise PlatformError(f"Cannot write to {output.parent}: no permission.")


def check_finite(model: Any) -> None:
    """Refuse trained weights that are not numbers.

    Raises:
        JobError: some weight is infinite or not a number.
    """
    import torch

    for name, weight in model.named_parameters():
        if weight.requires_grad and not bool(torch.isfinite(weight).all()):
            raise JobError(
                f"The training has diverged: {name} holds values that are not finite numbers.",
                hint="use a smaller --learning-rate",
            )


@contextmanager
def draft_of(output: Path) -> Iterator[Path]:
    """Make a folder beside ``output`` that takes its name in one step when the context ends well.

    Raises:
        PlatformError: the disk refuses; nothing is left behind.
    """
    from safetensors import SafetensorError

    try:
        with atomic_folder(output) as draft:
            yield draft
    except (OSError, SafetensorError) as error:
        raise disk_error(error, doing=f"write {output}") from None


def write(model: Any, tokenizer: Any, asked: str, dtype: Any, seed: int, folder: Path) -> None:
    """Write adapter or model into ``folder``, with its tokenizer and generation settings.

    Args:
        model: as the trainer leaves it: a ``PeftModel``, or the model itself, whose weights are
            brought to ``dtype`` in place.
        tokenizer: its tokenizer, chat template included.
        asked: the base model, as the user named it.
        dtype: the number format of a full model.
        seed: of the rounding to it.
        folder: takes the output; it appears whole or not at all.
    """
    if hasattr(model, "peft_config"):
        base = bases.name_of(asked, models.default_cache())
        source = model.get_base_model().name_or_path
        for config in model.peft_config.values():
            config.base_model_name_or_path = base
            config.revision = bases.revision_of(source)
        # A trainer may keep the start as a second adapter, its reference.
        model.save_pretrained(folder, save_embedding_layers=False, selected_adapters=[TRAINED])
        (folder / README).unlink(missing_ok=True)
        model.generation_config.save_pretrained(folder)
        bases.write(folder, asked, base, source, models.default_cache())
    else:
        round_weights(model, dtype, seed)
        model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


README = "README.md"
"""The model card, which PEFT writes with 40 blanks to fill in."""

PROCESSOR_FILES = (
    "preprocessor_config.json",
    "processor_config.json",
    "video_preprocessor_config.json",
)
"""Files beside a vision-language model that say how it is shown something."""


def copy_processor_files(source: str, folder: Path) -> None:
    """Copy from the base what lets a vision-language model see; training leaves it as it is.

    Args:
        source: of the base, see :func:`mlcc_engine.model.models.locate`.
        folder: of the output.
    """
    from transformers.utils.hub import cached_file

    for name in PROCESSOR_FILES:
        found = cached_file(source, name, _raise_exceptions_for_missing_entries=False)
        if found is not None:
            shutil.copyfile(found, folder / name)
