"""Checkpoints whose weights are quantised: which can be trained, and what to take in their place.

transformers says of each of its quantisers if layers on top may be trained (``is_trainable``), but
that needs the quantiser's own kernels, mostly a GPU, and leaves weights that cannot be changed or
saved. MXFP4 (gpt-oss) is the exception: transformers turns it back into bfloat16 on any device.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcc_core import MlccError

if TYPE_CHECKING:
    import torch

MXFP4 = "mxfp4"

QUANTIZATION_KEYS = ("quantization_config", "compression_config")
"""Keys of a config that describe how its weights are quantised."""

README = "README.md"


def method(config: Mapping[str, Any]) -> str | None:
    """Return how weights are quantised (``gptq``), by their config; ``None`` if they are not."""
    for part in (config, config.get("text_config"), config.get("thinker_config")):
        if not isinstance(part, Mapping):
            continue
        for place in QUANTIZATION_KEYS:
            if found := part.get(place):
                return _named(found)
    return None


def _named(quantization: Any) -> str:
    if not isinstance(quantization, Mapping):
        return "quantised"
    if name := quantization.get("quant_method"):
        return str(name)
    bits = [key for key in ("load_in_4bit", "load_in_8bit") if quantization.get(key)]
    return "bitsandbytes" if bits else "quantised"


def check(config: Mapping[str, Any], model: str, source: str) -> None:
    """Refuse quantised weights that cannot be trained.

    Args:
        config: the content of ``config.json``.
        model: as the user calls it.
        source: a folder or a Hub id, whose README may name the original.

    Raises:
        MlccError: it names the method, and the original model where that is known.
    """
    found = method(config)
    if found is None or found == MXFP4:
        return
    raise MlccError(
        f"The weights of model {model!r} are quantised ({found}), expected the model that they "
        "were made from: quantised weights cannot be trained here.",
        where="--model",
        hint=instead(source),
    )


def instead(source: str) -> str:
    """Return what to pass in place of a model that was made of another, as its README names it."""
    original = original_of(source)
    if original is not None:
        return f"--model {original}"
    return "pass the Hub id of the original model: --model ORG/NAME"


def original_of(source: str) -> str | None:
    """Return the model that ``source`` was made from; ``None`` if its README does not say.

    Args:
        source: a folder or a Hub id. Its README begins with ``base_model: org/name`` between
            two lines of three hyphens.
    """
    from huggingface_hub import metadata_load

    with suppress(Exception):  # a README that is missing or wrong is not an error by itself
        path = Path(source) / README
        if not Path(source).is_dir():
            from huggingface_hub import hf_hub_download

            # The library itself keeps the address that it found when it was imported.
            hub_id, _, revision = source.partition("@")
            path = Path(
                hf_hub_download(
                    hub_id,
                    README,
                    revision=revision or None,
                    endpoint=os.environ.get("HF_ENDPOINT") or None,
                )
            )
        named = (metadata_load(path) or {}).get("base_model")
        first = named[0] if isinstance(named, list) and named else named
        return first if isinstance(first, str) and first else None
    return None


def loading(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``from_pretrained`` needs to load such weights in a form that can be trained."""
    if method(config) != MXFP4:
        return {}
    from transformers.utils.quantization_config import Mxfp4Config

    make: Any = Mxfp4Config
    return {"quantization_config": make(dequantize=True)}


def in_four_bits(dtype: torch.dtype, device: str) -> dict[str, Any]:
    """Return what ``from_pretrained`` needs to hold frozen linear layers in 4 bits.

    As QLoRA does (Dettmers et al., 2023): NF4 with its scales quantised again, computed in
    ``dtype``.

    Args:
        dtype: the number format to compute in.
        device: torch's name of where the weights go.
    """
    from transformers import BitsAndBytesConfig

    make: Any = BitsAndBytesConfig
    config = make(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
    return {"quantization_config": config, "device_map": {"": device}}


def keep_unpacked(model: Any) -> None:
    """Keep layers of 4 bits as they were loaded, also where a CPU could read them faster.

    bitsandbytes packs them anew at the first reading outside training, for CPUs with AVX512-BF16
    alone, and fails where a width is not a multiple of its blocks.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def parameters(name: str, size: int, quantisation: str | None) -> int:
    """Return how many parameters a stored tensor holds once it is loaded by :func:`loading`.

    Args:
        name: of the tensor; blocks of MXFP4 hold two numbers a byte, with their scales beside.
        size: numbers as they are stored.
        quantisation: as :func:`method` names it.
    """
    if quantisation != MXFP4:
        return size
    return 2 * size if name.endswith("_blocks") else 0 if name.endswith("_scales") else size
