"""A model known by its weights: the same ones under another name, in other files, are the same.

A fingerprint is made of names and shapes of all tensors and of a sample of their numbers, so it
takes a fraction of a second for the largest model. As JSON:

    {"format": 1, "shapes": "5f0c…", "weights": "a81e…", "numbers": ["BF16"]}

Numbers are compared as bfloat16, rounded to nearest: a float32 copy of a bfloat16 model is the
same model, and so is a bfloat16 copy of a float32 one. float16 keeps less of small numbers: between
it and another format, shapes can tell models apart and weights cannot.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import struct
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_engine.hub import cache as cache_of_hub
from mlcc_engine.hub.names import parse
from mlcc_engine.model import tiny
from mlcc_engine.model.tensors import Tensor, model_tensors
from mlcc_engine.smollm2 import model as smollm2

FORMAT = 1
"""Raised whenever the same model gets another fingerprint; different formats say nothing."""

SAMPLED_TENSORS = 64
SAMPLED_NUMBERS = 2**16
"""Of all tensors together; a model with fewer is read whole."""
RUNS = 4
"""Stretches of a large tensor that the sample is taken from."""

WRAPPERS = ("model", "transformer", "language_model", "backbone", "gpt_neox", "base_model")
"""First parts of names that one version of a library writes and another leaves out."""

BUFFERS = re.compile(r"(\.attn\.(masked_)?bias|rotary_emb\.inv_freq|position_ids)\Z")
"""Tensors that are computed anew, whatever a file says."""

HEADS = ("lm_head.weight", "embed_out.weight", "output.weight")
EMBEDDING = re.compile(r"(embed|wte)")

WIDTHS: Mapping[str, int] = {
    "F64": 8,
    "I64": 8,
    "U64": 8,
    "F32": 4,
    "I32": 4,
    "U32": 4,
    "F16": 2,
    "BF16": 2,
    "I16": 2,
    "U16": 2,
}
"""Bytes of a number; 1 for what is not here."""


class Likeness(Enum):
    """The result of comparing two models."""

    SAME = "the same weights"
    OTHER = "other weights"
    UNKNOWN = "cannot be told"


def fingerprint(folder: Path) -> Mapping[str, Any]:
    """Return the fingerprint of the model in a folder.

    Raises:
        MlccError: its files are damaged or missing.
        PlatformError: they cannot be read.
    """
    found = canonical(model_tensors(folder))
    shapes = [[name, list(found[name].shape)] for name in sorted(found)]
    weights = hashlib.sha256()
    names = _chosen(sorted(found))
    for name in names:
        weights.update(sample(found[name], name, SAMPLED_NUMBERS // len(names)))
    return {
        "format": FORMAT,
        "shapes": hashlib.sha256(json.dumps(shapes).encode()).hexdigest(),
        "weights": weights.hexdigest(),
        "numbers": sorted({tensor.dtype for tensor in found.values()}),
    }


def find(model: str, cache: Path) -> Mapping[str, Any] | None:
    """Return the fingerprint of a model; ``None`` if it is not on this machine, or damaged.

    Args:
        model: a built-in name, a folder or a Hub id.
        cache: where the built-in models live once they were made.
    """
    folder = place(model, cache)
    if folder is None:
        return None
    with suppress(MlccError, OSError):
        return fingerprint(folder)
    return None


def place(model: str, cache: Path) -> Path | None:
    """Return the folder of a model that is on this machine; arguments as for :func:`find`."""
    if model == tiny.NAME:
        folder = cache / f"{tiny.NAME}-{tiny.REVISION}"
        return folder if folder.is_dir() else None
    if model == smollm2.NAME:
        return smollm2.folder_in(cache) if smollm2.is_ready(cache) else None
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    name = parse(model)
    return None if name is None else cache_of_hub.find(name)


def compare(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> Likeness:
    """Return how two fingerprints compare; ``None`` for a model that has none."""
    if not one or not other or one.get("format") != FORMAT or other.get("format") != FORMAT:
        return Likeness.UNKNOWN
    if one.get("shapes") != other.get("shapes"):
        return Likeness.OTHER
    if one.get("weights") == other.get("weights"):
        return Likeness.SAME
    halves = ["F16" in found.get("numbers", ()) for found in (one, other)]
    return Likeness.UNKNOWN if halves[0] != halves[1] else Likeness.OTHER


def canonical(tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Return the tensors that make a model, by names that do not depend on who wrote them.

    Buffers are left out, and so is an output layer that repeats the embeddings.
    """
    kept = {name: tensor for name, tensor in tensors.items() if not BUFFERS.search(name)}
    found = {canonical_name(name): tensor for name, tensor in kept.items()}
    if len(found) < len(kept):
        found = kept  # two parts of the model go by one name without their wrappers
    for head in HEADS:
        if head in found and _repeats_embeddings(found, head):
            del found[head]
    return found


def canonical_name(name: str) -> str:
    """Return the name of a tensor without wrappers: ``model.layers.0.w`` is ``layers.0.w``."""
    parts = name.split(".")
    while len(parts) > 2 and parts[0] in WRAPPERS:
        del parts[0]
    return ".".join(parts)


def sample(tensor: Tensor, key: str, numbers: int) -> bytes:
    """Return some numbers of a tensor as bfloat16; all, if it has no more.

    Args:
        tensor: in its file.
        key: decides, with the tensor's size, which numbers are taken.
        numbers: to take, at most.
    """
    width = WIDTHS.get(tensor.dtype, 1)
    count = (tensor.end - tensor.start) // width
    if count <= numbers:
        starts, run = [0], count
    else:
        run = numbers // RUNS
        dice = random.Random(f"{key}:{count}")  # noqa: S311 - the same positions every time
        starts = sorted(dice.randrange(count - run + 1) for _ in range(RUNS))
    with tensor.file.open("rb") as file:
        taken = []
        for start in starts:
            file.seek(tensor.start + start * width)
            taken.append(as_bfloat16(file.read(run * width), tensor.dtype))
    return b"".join(taken)


def as_bfloat16(data: bytes, dtype: str) -> bytes:
    """Return floating-point numbers as bfloat16, rounded to nearest even; others as they are."""
    if dtype == "F32":
        bits = struct.unpack(f"<{len(data) // 4}I", data)
        return struct.pack(f"<{len(bits)}H", *map(_rounded, bits))
    if dtype in ("F16", "F64"):
        form, width = ("e", 2) if dtype == "F16" else ("d", 8)
        numbers = struct.unpack(f"<{len(data) // width}{form}", data)
        return as_bfloat16(b"".join(map(_single, numbers)), "F32")
    return data


def _rounded(bits: int) -> int:
    if bits & 0x7FFFFFFF > 0x7F800000:
        return 0x7FC0  # rounding must not make a number of what is none
    return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16


def _single(number: float) -> bytes:
    try:
        return struct.pack("<f", number)
    except OverflowError:
        return struct.pack("<f", float("inf") if number > 0 else float("-inf"))


def _chosen(names: list[str]) -> list[str]:
    """Names, evenly from the first to the last."""
    if len(names) <= SAMPLED_TENSORS:
        return names
    step = (len(names) - 1) / (SAMPLED_TENSORS - 1)
    return [names[round(index * step)] for index in range(SAMPLED_TENSORS)]


def _repeats_embeddings(tensors: Mapping[str, Tensor], head: str) -> bool:
    numbers = SAMPLED_NUMBERS // SAMPLED_TENSORS
    own = tensors[head]
    return any(
        other.shape == own.shape and sample(other, head, numbers) == sample(own, head, numbers)
        for name, other in tensors.items()
        if name != head and EMBEDDING.search(name)
    )
