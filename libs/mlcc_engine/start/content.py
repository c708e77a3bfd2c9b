"""An output known by its content, wherever it lies."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Literal

from mlcc_engine.base import fingerprint
from mlcc_engine.start.adapters import lora_of

CHUNK = 1 << 20

LISTED = "listed-"
"""Begins the fingerprint of an output that a bucket lists, made of names, sizes and ETags: its
copy on a disk cannot be held to it."""


def fingerprint_of(folder: Path, kind: Literal["adapter", "model"]) -> str:
    """Return 64 hexadecimal digits that change with the weights of an output.

    An adapter is read whole, a model by the sample of its numbers that
    :mod:`mlcc_engine.base.fingerprint` takes.

    Raises:
        MlccError, PlatformError, OSError: a file is damaged, or cannot be read.
    """
    digest = hashlib.sha256()
    if kind == "model":
        found = fingerprint.fingerprint(folder)
        digest.update(json.dumps(found, sort_keys=True).encode())
        return digest.hexdigest()
    digest.update(json.dumps(lora_of(folder), sort_keys=True).encode())
    for path in sorted(folder.glob("adapter_model*.safetensors")):
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def is_as_planned(folder: Path, kind: Literal["adapter", "model"], fingerprint: str) -> bool:
    """Return whether an output has the content that a job was planned with, as far as it shows.

    Args:
        folder: of the output.
        kind: of it.
        fingerprint: that the plan has.

    Raises:
        MlccError, PlatformError, OSError: a file is damaged, or cannot be read.
    """
    return fingerprint.startswith(LISTED) or fingerprint_of(folder, kind) == fingerprint
