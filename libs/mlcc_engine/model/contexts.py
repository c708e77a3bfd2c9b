"""The context of a model: how many tokens it reads at once, and what has to fit into it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcc_engine.model import tiny

CONTEXT_ATTRIBUTES = (
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "max_sequence_length",
    "n_ctx",
)
"""Keys of configs that hold the longest sequence, in tokens."""


def of_config(config: Any) -> int | None:
    """Return the context that a config of transformers names, in tokens."""
    text = config.get_text_config()
    return _first_sane(getattr(text, name, None) for name in CONTEXT_ATTRIBUTES)


def of_document(config: Mapping[str, Any]) -> int | None:
    """Return the context that the content of ``config.json`` names; it may leave it out."""
    inner = config.get("text_config")
    parts = [inner, config] if isinstance(inner, Mapping) else [config]
    return _first_sane(part.get(name) for part in parts for name in CONTEXT_ATTRIBUTES)


def find_context(model: str) -> int | None:
    """Return the context of the built-in model or of a folder, without any library.

    Args:
        model: as :func:`mlcc_folders.model.models.resolve_model` calls it; ``None`` for a Hub id.
    """
    if model == tiny.NAME:
        return tiny.CONTEXT
    return of_document(read_document(Path(model)))


def read_document(folder: Path, name: str = "config.json") -> Mapping[str, Any]:
    """Return the content of a JSON file of a folder; nothing where it cannot be read."""
    try:
        document = json.loads((folder / name).read_bytes())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _first_sane(found: Any) -> int | None:
    """The first of the numbers that is a length: XLNet, for one, says -1 for no limit."""
    sane = (n for n in found if isinstance(n, int) and not isinstance(n, bool) and n > 0)
    return next(sane, None)
