"""A check that the matrices of LoRA have the sizes of a model's layers, by file headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from mlcc_core import MlccError
from mlcc_engine.base.fingerprint import canonical_name
from mlcc_engine.model.tensors import Tensor, model_tensors, read_tensors

MATRIX = re.compile(r"base_model\.model\.(?P<layer>.+)\.lora_(?P<side>[AB])\.weight\Z")
"""A name as PEFT writes it; ``A`` has a column for each input, ``B`` a row for each output."""


def fit(adapter: Path, model: Path) -> bool | None:
    """Return true if every adapted layer of ``adapter`` is in ``model`` and has its sizes.

    Returns:
        ``None`` where it cannot be told: files are missing or damaged, or hold other matrices.
    """
    with suppress(MlccError, OSError):
        layers = sizes(adapter)
        if layers:
            weights = {canonical_name(name): t for name, t in model_tensors(model).items()}
            return all(_fits(weights.get(f"{name}.weight"), size) for name, size in layers.items())
    return None


def sizes(adapter: Path) -> Mapping[str, tuple[int, int]]:
    """Return inputs and outputs of each layer that an adapter changes, by the layer's name.

    Raises:
        MlccError, PlatformError: a file is damaged, or cannot be read.
    """
    inputs: dict[str, int] = {}
    outputs: dict[str, int] = {}
    for file in sorted(adapter.glob("adapter_model*.safetensors")):
        for name, tensor in read_tensors(file).items():
            match = MATRIX.match(name)
            if match is None or len(tensor.shape) != 2:
                continue
            layer = canonical_name(match["layer"])
            if match["side"] == "A":
                inputs[layer] = tensor.shape[1]
            else:
                outputs[layer] = tensor.shape[0]
    return {name: (inputs[name], outputs[name]) for name in inputs.keys() & outputs.keys()}


def _fits(weight: Tensor | None, size: tuple[int, int]) -> bool:
    """A linear layer keeps (outputs, inputs), GPT-2's kind of layer (inputs, outputs)."""
    return weight is not None and tuple(weight.shape) in (size, size[::-1])
