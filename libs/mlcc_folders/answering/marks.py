"""Marks of models: they change with all that decides the answers that are stored under them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from mlcc_core import Context
from mlcc_engine import devices
from mlcc_engine.base import fingerprint
from mlcc_engine.model import tiny
from mlcc_engine.model.models import default_cache
from mlcc_engine.start import content
from mlcc_folders.model.models import resolve_model
from mlcc_folders.model.naming import place_of
from mlcc_folders.model.pinning import commit_in, pinned

ANSWERS = 2
"""Raised whenever the engine has the same model give other answers to the same questions."""

PACKAGES = ("torch", "transformers", "tokenizers", "peft")
"""The software that computes answers."""

DECISIVE = (
    "added_tokens.json",
    "chat_template.jinja",
    "chat_template.json",
    "config.json",
    "generation_config.json",
    "merges.txt",
    "special_tokens_map.json",
    "spiece.model",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
    "vocab.txt",
)
"""Files that decide, beside the weights, how a model is asked and how it computes."""


def mark_of(context: Context, model: str) -> str:
    """Return 64 hexadecimal digits that change with what decides the answers of a whole model.

    A model of the Hub is known by its commit, so that it need not be on this machine yet.

    Raises:
        MlccError, PlatformError: there is none of that name, or its files are damaged.
    """
    where = place_of(context, model)
    found = resolve_model(model, context.root, context.hub_id, where)
    name = pinned(found, where, context.root)
    if name == tiny.NAME:
        return _digest([name, tiny.REVISION, _surroundings()])
    folder = None if commit_in(name) else fingerprint.place(name, default_cache())
    if folder is None:
        return _digest([name, _surroundings()])
    weights = [fingerprint.fingerprint(folder), _written(folder)]
    return _digest([weights, _decisive(folder), _surroundings()])


def mark_of_adapter(context: Context, folder: Path, model: str) -> str:
    """Return 64 hexadecimal digits that change with what decides the answers of an adapter.

    Args:
        context: the surroundings.
        folder: of the adapter.
        model: its base.

    Raises:
        MlccError, PlatformError: as :func:`mark_of`.
    """
    weights = content.fingerprint_of(folder, "adapter")
    return _digest([weights, _decisive(folder), mark_of(context, model)])


def _written(folder: Path) -> list[tuple[str, int, int]]:
    """Return what changes when weights are written: their fingerprint is that of a sample."""
    found = [(file.name, file.stat()) for file in sorted(folder.glob("*.safetensors"))]
    return [(name, facts.st_size, facts.st_mtime_ns) for name, facts in found]


def _decisive(folder: Path) -> dict[str, str]:
    """Return the checksums of the decisive files of a folder, by their names."""
    found = (folder / name for name in DECISIVE)
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in found if file.is_file()
    }


def _surroundings() -> list[object]:
    """Return what changes with the software and the device that compute answers."""
    return [ANSWERS, [_version(package) for package in PACKAGES], devices.facts()]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _digest(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
