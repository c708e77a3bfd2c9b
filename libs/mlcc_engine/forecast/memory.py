"""The memory that a training needs: an estimate from shapes alone, no weight is loaded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_engine.hub.fetch import is_whole
from mlcc_engine.hub.names import HubName, of_snapshot
from mlcc_engine.model.tensors import model_tensors
from mlcc_engine.train import defaults

BYTES_PER_TRAINED_PARAMETER = 16
"""Bytes a trained parameter: float32 weight, gradient, and AdamW's two moments."""

BYTES_IN_FOUR_BITS = 0.516
"""Bytes a parameter in NF4: half of one, and a scale of 8 bits for each block of 64, itself scaled
once for 256 of them."""

KEPT_NUMBERS_BY_TRAINING_TYPE: Mapping[str, float] = {"lora": 2.5, "full-rank": 1.95}
"""Numbers kept for the backward pass, for each that goes into or comes out of a linear layer.
Measured on a model of 135 million parameters (SFT and DPO, 300 to 2,200 tokens at once, float32):
2.5 with LoRA, whose branch keeps values of its own beside each layer, 1.9 to 2.0 without."""

LAYER_TWICE = 1.8
"""With checkpointing, one layer at a time is whole, with the gradients of what it keeps: 1.86 times
what it keeps without, with LoRA and without (``mlcc-tiny``, 8,000 tokens)."""

LOGITS, LOGITS_ALONE = 8, 20
"""Bytes of a logit: float32, and its gradient; with checkpointing, five copies for the loss are
larger than the activations that they are beside. Forecast over peak so, SFT with LoRA and
checkpointing: 0.91 for ``mlcc-tiny``, 0.91 for 135 million parameters; 0.78 before."""

OVERHEAD_BYTES = 0.6e9
"""Bytes that torch, its libraries and the tokenizer take before anything is loaded."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers that the estimate needs to know of a model.

    Attributes:
        parameters: how many.
        inner: those of them in linear layers, which alone are held in 4 bits.
        linear: the sum of rows and columns over all linear layers that LoRA adapts: an adapter
            has so many parameters a rank.
        passed: the same sum over the layers that one token passes: of a mixture of experts, only
            as many experts as the router chooses.
        width, layers, vocabulary: of the model's config.
        context: its longest sequence, if its config tells.
    """

    parameters: int
    inner: int
    linear: int
    passed: int
    width: int
    layers: int
    vocabulary: int
    context: int | None


def read_shape(source: str) -> Shape:
    """The shape of the model at ``source``: a folder, or a Hub id (two small requests).

    Raises:
        MlccError: a file is damaged or missing.
        OSError, ValueError: it cannot be read.
    """
    from transformers import AutoConfig

    config: Any = AutoConfig.from_pretrained(source, trust_remote_code=False)
    text = config.get_text_config()
    return shape_of(
        dict(tensor_shapes(source)),
        width=text.hidden_size,
        layers=text.num_hidden_layers,
        vocabulary=text.vocab_size,
        context=getattr(text, "max_position_embeddings", None),
        experts=experts_of(text.to_dict()),
    )


def shape_of(
    sizes: Mapping[str, tuple[int, ...]],
    *,
    width: int,
    layers: int,
    vocabulary: int,
    context: int | None,
    experts: tuple[int, int],
) -> Shape:
    """Return the shape of a model with tensors of these sizes; the rest is of its config."""
    inner = inner_weights(sizes)
    return Shape(
        parameters=sum(math.prod(shape) for shape in sizes.values()),
        inner=sum(math.prod(shape) for shape in inner.values() if len(shape) == 2),
        linear=sum(sum(shape) for shape in inner.values() if len(shape) == 2),
        passed=round(sum(_passed(name, shape, *experts) for name, shape in inner.items())),
        width=width,
        layers=layers,
        vocabulary=vocabulary,
        context=context,
    )


def inner_weights(sizes: Mapping[str, tuple[int, ...]]) -> Mapping[str, tuple[int, ...]]:
    """Return the weights of layers: neither vectors nor embeddings."""
    return {
        name: shape
        for name, shape in sizes.items()
        if len(shape) > 1 and not any(part in name for part in ("embed", "lm_head", "wte", "wpe"))
    }


def experts_of(config: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many experts a token passes, of how many: (1, 1) for a dense model."""
    for name in ("num_local_experts", "num_experts", "n_routed_experts"):
        whole = config.get(name)
        if isinstance(whole, int) and whole > 0:
            return config.get("num_experts_per_tok") or 1, whole
    return 1, 1


def _passed(name: str, shape: tuple[int, ...], chosen: int, experts: int) -> float:
    """Return the rows and columns of a weight that one token meets."""
    if ".experts." not in name:
        return sum(shape) if len(shape) == 2 else 0
    if len(shape) == 3:  # all experts in one tensor
        return chosen * sum(shape[1:])
    return sum(shape) * chosen / experts


def tensor_shapes(source: str) -> Iterable[tuple[str, tuple[int, ...]]]:
    """Name and shape of every tensor, from the headers of the safetensors files.

    Raises:
        MlccError: a file is damaged or missing.
        OSError, ValueError: the Hub cannot be read.
    """
    folder, commit = Path(source), of_snapshot(source)
    if folder.is_dir() and (commit is None or is_whole(folder, weights=True)):
        yield from ((name, tensor.shape) for name, tensor in model_tensors(folder).items())
        return
    from huggingface_hub import get_safetensors_metadata

    asked = commit or HubName(source)
    found = get_safetensors_metadata(asked.id, revision=asked.revision)
    for file_metadata in found.files_metadata.values():
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
    four_bits: bool = False,
    continued: bool = False,
    evaluated: int = 0,
    shared: bool = False,
) -> int:
    """Bytes that one process of a training needs, roughly.

    weights      LoRA: parameters x 2 (bfloat16) or 4 (float32), and 16 a parameter of the adapter;
                 full-rank: parameters x 16; 4 more for each parameter of a reference copy, and of
                 gradients that processes exchange
    activations  tokens x numbers that pass linear layers x those kept for each x 2 bytes
                 (4 in float32); with checkpointing the width a layer, and one layer nearly twice
    logits       tokens x vocabulary x 8 (float32, and its gradient); x 20 with checkpointing
    held out     of its tokens, where that is more than activations and logits: one layer whole, and
                 logits

    Args:
        shape: of the model.
        training_type: ``lora`` or ``full-rank``.
        lora: arguments of ``peft.LoraConfig``.
        bits16: the device computes in bfloat16.
        tokens: that go through the model at once: sequences x longest length.
        checkpointing: activations are recomputed.
        reference: the trainer compares with a frozen copy of what it began with: the model, or the
            adapter that it goes on from (a new one is simply switched off for that).
        four_bits: the frozen linear layers are held so.
        continued: an earlier adapter is trained on.
        evaluated: tokens of held-out rows that go through the model at once.
        shared: several processes share the training.
    """
    width = 2 if bits16 else 4
    passed = shape.passed * width * KEPT_NUMBERS_BY_TRAINING_TYPE[training_type]
    if training_type == "lora":
        trained: int = shape.linear * defaults.lora(lora)["r"]
        weights = shape.parameters * width
        copied = trained if reference and continued else 0
        if four_bits:
            weights -= round(shape.inner * (width - BYTES_IN_FOUR_BITS))
    else:
        trained, weights = shape.parameters, 0
        copied = trained if reference else 0
    weights += trained * BYTES_PER_TRAINED_PARAMETER + 4 * (copied + trained * shared)
    activations = tokens * passed
    if checkpointing:
        activations *= LAYER_TWICE / shape.layers
        activations += tokens * shape.width * width * shape.layers
    logits = LOGITS_ALONE if checkpointing else LOGITS
    training = activations + tokens * shape.vocabulary * logits
    held_out = evaluated * (passed / shape.layers + shape.vocabulary * LOGITS)
    return int(OVERHEAD_BYTES) + weights + int(max(training, held_out))


def in_words(size: int) -> str:
    """Bytes for people: ``1.4 GB``, ``620 MB``."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
