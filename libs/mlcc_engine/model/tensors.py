"""Safetensors files, read by their headers alone: names, shapes and offsets of tensors.

The format: 8 bytes with the header's size (little-endian), a JSON header with the tensors' places,
the data. A header that holds one float32 tensor of four numbers:

    {"weight": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}

Read by hand, as ``safetensors.safe_open`` hides the data's places, from which fingerprints sample a
few numbers: it gives bfloat16 to torch alone, which these light paths must not import.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core import MlccError, PlatformError

MAX_HEADER = 100 * 2**20
"""Bytes of a safetensors header, as the format's own reader bounds it."""

WHOLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
"""The files that a model is loaded from: one, or those that an index names."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor in a file.

    Attributes:
        file: that holds it.
        dtype: as the format calls it (``BF16``).
        shape: its sizes.
        start, end: of its bytes, counted from the beginning of the file.
    """

    file: Path
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


def read_tensors(path: Path) -> Mapping[str, Tensor]:
    """Return the tensors of a file by name; their data is not read.

    Raises:
        MlccError: the file is damaged, or there is more or less of it than its header says.
        PlatformError: it cannot be read.
    """
    damaged = MlccError(f"{path} is damaged or no safetensors file.", hint="copy it again")
    try:
        size = path.stat().st_size
        if size == 0:
            raise MlccError(f"{path} is empty, expected weights.", hint="copy it again")
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if size < 8 or length > min(MAX_HEADER, size - 8):
                raise damaged
            header = json.loads(file.read(length))
        found = {
            name: _tensor(path, entry, 8 + length)
            for name, entry in header.items()
            if name != "__metadata__"
        }
    except OSError as error:
        raise PlatformError(f"Cannot read {path}: {error.strerror}.") from None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise damaged from None
    if max((tensor.end for tensor in found.values()), default=8 + length) != size:
        raise damaged
    return found


def _tensor(path: Path, entry: Mapping[str, Any], data: int) -> Tensor:
    start, end = entry["data_offsets"]
    return Tensor(path, str(entry["dtype"]), tuple(entry["shape"]), data + start, data + end)


def model_tensors(folder: Path) -> Mapping[str, Tensor]:
    """Return the tensors of the model in ``folder`` by name, from the files that are loaded.

    Raises:
        MlccError: a file is damaged or missing, or lacks a tensor that the index places there.
        PlatformError: a file cannot be read.
    """
    whole, index = folder / WHOLE, folder / INDEX
    if not index.is_file():
        if whole.is_file():
            return read_tensors(whole)
        raise MlccError(
            f"{folder} holds parts of a model but no {INDEX}, which says what is in them.",
            hint=f"copy {INDEX} too",
        )
    places = _places(index)
    shards = sorted(set(places.values()))
    if lacking := [name for name in shards if not (folder / name).is_file()]:
        what = f"{folder} lacks {lacking[0]}, which its index names."
        raise MlccError(what, hint=f"copy {lacking[0]} too")
    if whole.is_file():
        return read_tensors(whole)  # the one that is loaded where there are both
    found = {
        name: tensor for shard in shards for name, tensor in read_tensors(folder / shard).items()
    }
    if lacking := sorted(places.keys() - found.keys()):
        raise MlccError(
            f"{folder / places[lacking[0]]} lacks the tensor {lacking[0]}, which the index "
            "places there.",
            hint=f"copy {INDEX} and all the files that it names again",
        )
    return found


def _places(index: Path) -> Mapping[str, str]:
    """The file of each tensor, as an index has it: ``{"weight_map": {TENSOR: FILE}}``."""
    try:
        document = json.loads(index.read_bytes())
    except (OSError, ValueError) as error:
        raise MlccError(f"{index} cannot be read: {error}.", hint="copy it again") from None
    places = document.get("weight_map") if isinstance(document, dict) else None
    if not isinstance(places, dict) or not all(isinstance(name, str) for name in places.values()):
        raise MlccError(f"{index} has no weight_map, expected one.", hint="copy it again")
    return places
