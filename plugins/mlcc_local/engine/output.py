"""The folder that a job leaves behind: whole, or not there."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from mlcc_core.errors import JobError, MlccError, PlatformError
from mlcc_local.disk import disk_error
from mlcc_local.engine import bases, models, modes


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
        raise disk_error(f"make {output.parent}", error) from None
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
                f"The training has diverged: {name} holds values that are no finite numbers.",
                hint="use a smaller --learning-rate",
            )


def base_name(model: str) -> str:
    """What an adapter records as its base: a name good on other machines, if there is one."""
    return bases.name_of(model, models.default_cache())


def save(model: Any, tokenizer: Any, base: str, dtype: Any, output: Path) -> None:
    """Write adapter or model, with its tokenizer, and move it to ``output`` in one step.

    Args:
        model: as the trainer leaves it: a ``PeftModel``, or the model itself.
        tokenizer: its tokenizer, chat template included.
        base: what the adapter records as its base model.
        dtype: the number format of the base's own weights, which a full model is written in.
        output: the folder to make.

    Raises:
        PlatformError: it cannot be written; nothing is left behind.
    """
    from safetensors import SafetensorError

    draft = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    try:
        if hasattr(model, "peft_config"):
            for config in model.peft_config.values():
                config.base_model_name_or_path = base
            model.save_pretrained(draft, save_embedding_layers=False)
            source = model.get_base_model().name_or_path
            bases.write(draft, base, source, models.default_cache())
        else:
            model.to(dtype).save_pretrained(draft)
        tokenizer.save_pretrained(draft)
        modes.as_made_here(draft)
        if output.is_dir():
            output.rmdir()
        draft.replace(output)
    except (OSError, SafetensorError) as error:
        raise disk_error(f"write {output}", error) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
