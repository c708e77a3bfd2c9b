"""How much memory a training needs: an estimate from shapes alone, no weight is loaded."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_local.engine import defaults

TRAINED = 16
"""Bytes a trained parameter: float32 weight, gradient, and AdamW's two moments."""

LAYER = 68
"""Bytes of activations a layer, token and unit of width, in 16 bits: twice the 34 of Korthikanti
et al., "Reducing Activation Recomputation in Large Transformer Models" (2022), for gated
feed-forward layers and gradients on their way; without attention's quadratic part, which fused
kernels do not keep. With it the estimate for ``mlcc-tiny`` is within a fifth of what is used."""

OVERHEAD = 0.6e9
"""Bytes that torch, its libraries and the tokenizer take before anything is loaded."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the estimate needs to know of a model.

    Attributes:
        parameters: how many.
        linear: the sum of rows and columns over all linear layers that LoRA adapts: an adapter
            has so many parameters a rank.
        width, layers, vocabulary: of the model's config.
        context: its longest sequence, if its config tells.
    """

    parameters: int
    linear: int
    width: int
    layers: int
    vocabulary: int
    context: int | None


def read_shape(source: str) -> Shape:
    """The shape of the model at ``source``: a folder, or a Hub id (two small requests).

    Raises:
        OSError, ValueError: it cannot be read.
    """
    from transformers import AutoConfig

    config: Any = AutoConfig.from_pretrained(source, trust_remote_code=False)
    text = config.get_text_config()
    sizes = dict(tensor_shapes(source))
    inner = [
        shape
        for name, shape in sizes.items()
        if len(shape) == 2 and not any(part in name for part in ("embed", "lm_head", "wte", "wpe"))
    ]
    return Shape(
        parameters=sum(math.prod(shape) for shape in sizes.values()),
        linear=sum(sum(shape) for shape in inner),
        width=text.hidden_size,
        layers=text.num_hidden_layers,
        vocabulary=text.vocab_size,
        context=getattr(text, "max_position_embeddings", None),
    )


def tensor_shapes(source: str) -> Iterable[tuple[str, tuple[int, ...]]]:
    """Name and shape of every tensor, from the headers of the safetensors files.

    Raises:
        OSError, ValueError: a file or the Hub cannot be read.
    """
    folder = Path(source)
    if folder.is_dir():
        for path in sorted(folder.glob("model*.safetensors")):
            with path.open("rb") as file:
                header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
            yield from (
                (name, tuple(entry["shape"]))
                for name, entry in header.items()
                if name != "__metadata__"
            )
        return
    from huggingface_hub import get_safetensors_metadata

    for file_metadata in get_safetensors_metadata(source).files_metadata.values():
        for name, tensor in file_metadata.tensors.items():
            yield name, tuple(tensor.shape)


def needed(
    shape: Shape,
    training_type: str,
    lora: Mapping[str, Any],
    *,
    bits16: bool,
    tokens: int,
    checkpointing: bool,
    reference: bool,
) -> int:
    """Bytes that a training needs, roughly.

    weights      LoRA: parameters x 2 (bfloat16) or 4 (float32), and 16 a parameter of the adapter;
                 full-rank: parameters x 16, and 4 more where a frozen reference copy is kept
    activations  tokens x width x layers x 68 (16 bits; double in float32); with checkpointing
                 2 (double in float32) a layer, and one layer whole
    logits       tokens x vocabulary x 8 (float32, and its gradient)

    Args:
        shape: of the model.
        training_type: ``lora`` or ``full-rank``.
        lora: arguments of ``peft.LoraConfig``.
        bits16: the device computes in bfloat16.
        tokens: that go through the model at once: sequences x longest length.
        checkpointing: activations are recomputed.
        reference: the trainer compares with a frozen copy of the model (an adapter is simply
            switched off for that).
    """
    width = 2 if bits16 else 4
    if training_type == "lora":
        adapter: int = shape.linear * defaults.lora(lora)["r"]
        weights = shape.parameters * width + adapter * TRAINED
    else:
        weights = shape.parameters * (TRAINED + (4 if reference else 0))
    row = tokens * shape.width * width // 2
    whole_layer = LAYER * row
    activations = (
        shape.layers * 2 * row + whole_layer if checkpointing else shape.layers * whole_layer
    )
    return int(OVERHEAD) + weights + activations + tokens * shape.vocabulary * 8


def in_words(size: int) -> str:
    """Bytes for people: ``1.4 GB``, ``620 MB``."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
