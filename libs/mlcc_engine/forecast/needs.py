"""The memory that a model on this machine needs by each way of training, without torch.

It is the estimate of :mod:`mlcc_engine.forecast.memory` for the default batch and length, from
``config.json`` and the headers of the weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mlcc_engine.choices import checkpointing
from mlcc_engine.devices import Machine
from mlcc_engine.forecast import memory
from mlcc_engine.model import contexts, quantized, tiny
from mlcc_engine.model.tensors import model_tensors
from mlcc_engine.smollm2 import sizes as smollm2
from mlcc_engine.train import defaults

SEQUENCES = 8
"""Rows that go through the model at once by default, at most."""

WIDTHS = ("hidden_size", "n_embd", "d_model", "dim")
LAYERS = ("num_hidden_layers", "n_layer", "num_layers", "n_layers")


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of a model, from files.

    Attributes:
        shape: for the estimate; ``None`` where the config does not tell enough for one.
        parameters: how many there are once the weights are loaded.
    """

    shape: memory.Shape | None
    parameters: int


def sizes_of(folder: Path) -> Sizes:
    """Return the sizes of the model in a folder.

    Raises:
        MlccError: a file is damaged or missing.
        PlatformError: it cannot be read.
    """
    config = contexts.read_document(folder)
    tensors = {name: tensor.shape for name, tensor in model_tensors(folder).items()}
    return _sizes(tensors, config)


def tiny_sizes() -> Sizes:
    """Return the sizes of ``mlcc-tiny``, made or not."""
    return _sizes(tiny.shapes(), tiny.CONFIG)


def smollm2_sizes() -> Sizes:
    """Return the sizes of ``smollm2-135m``, fetched or not."""
    return _sizes(smollm2.shapes(), smollm2.CONFIG)


def _sizes(tensors: Mapping[str, tuple[int, ...]], config: Mapping[str, Any]) -> Sizes:
    inner = config.get("text_config")
    text = {**config, **inner} if isinstance(inner, Mapping) else config
    how = quantized.method(config)
    loaded = sum(
        quantized.parameters(name, math.prod(shape), how) for name, shape in tensors.items()
    )
    width, layers, vocabulary = (
        _number(text, names) for names in (WIDTHS, LAYERS, ("vocab_size",))
    )
    if width is None or layers is None or vocabulary is None or how is not None:
        return Sizes(None, loaded)
    shape = memory.shape_of(
        tensors,
        width=width,
        layers=layers,
        vocabulary=vocabulary,
        context=contexts.of_document(config),
        experts=memory.experts_of(text),
    )
    return Sizes(shape, loaded)


def _number(config: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    found = (config.get(name) for name in names)
    return next(
        (n for n in found if isinstance(n, int) and not isinstance(n, bool) and n > 0), None
    )


def needed(sizes: Sizes, machine: Machine) -> Mapping[str, int]:
    """Return the bytes that training needs with the default batch, by the way of training."""
    return _needed(sizes, machine, SEQUENCES)


def batches(sizes: Sizes, machine: Machine) -> Mapping[str, int]:
    """Return the rows at once for which a machine has memory, by the way of training."""
    if machine.memory is None:
        return {}
    most = dict.fromkeys(_needed(sizes, machine, 1), 0)
    for rows in range(1, SEQUENCES + 1):
        for way, need in _needed(sizes, machine, rows).items():
            if need <= machine.memory:
                most[way] = rows
    return most


def _needed(sizes: Sizes, machine: Machine, rows: int) -> Mapping[str, int]:
    shape = sizes.shape
    if shape is None:
        return {}
    length = min(defaults.MAX_LENGTH, shape.context or defaults.MAX_LENGTH)
    ways = {"lora": ("lora", False), "4bit": ("lora", True), "full-rank": ("full-rank", False)}
    found = {}
    for way, (training_type, four_bits) in ways.items():
        need = partial(
            memory.needed,
            shape,
            training_type,
            {},
            bits16=machine.bf16,
            tokens=rows * length,
            reference=False,
            four_bits=four_bits,
        )
        kept, recomputed = need(checkpointing=False), need(checkpointing=True)
        found[way] = checkpointing.choose(None, kept, recomputed, machine.memory).need
    return found


def weight_bytes(machine: Machine) -> int:
    """Return the bytes that each parameter of a model takes at least, by its weights alone."""
    return 2 if machine.bf16 else 4


def basis(machine: Machine) -> str:
    """Return for what memory is told, in words."""
    return (
        f"SFT on {machine.name}, {SEQUENCES} rows of {defaults.MAX_LENGTH} tokens at once "
        "(or the model's context)"
    )
