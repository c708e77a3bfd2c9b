"""Folders that ``save_to_disk`` of the ``datasets`` library wrote, and what they record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from mlcc_core.helpers import is_data_file
from mlcc_splits import Split

RECORD = "dataset_dict.json"
"""Of several splits, each in a folder: ``{"splits": ["train", "test"]}``."""

STATE = "state.json"
"""Of one split: ``{"_data_files": [{"filename": "data-00000-of-00001.arrow"}], …}``."""


def saved_splits(folder: Path, names: Sequence[str]) -> dict[str, Split]:
    """Return the splits that the record names and that are there; none of any other folder.

    Args:
        folder: that may have been saved so.
        names: of its files.
    """
    document = _document(folder / RECORD)
    splits = document.get("splits") if isinstance(document, dict) else None
    found = {}
    for split in splits if isinstance(splits, list) else ():
        if isinstance(split, str) and "/" not in split:
            files = tuple(n for n in names if n.startswith(f"{split}/") and is_data_file(n))
            if files:
                found[split] = Split(files)
    return found


def not_saved(folder: Path, names: Sequence[str]) -> list[str]:
    """Return the data files beside a saved split that are none of it.

    The library keeps results of its own there (``cache-1a2b.arrow``), with rows that were saved
    already.

    Args:
        folder: that may hold saved splits.
        names: of its files.
    """
    beside = []
    for state in names:
        prefix, _, base = state.rpartition("/")
        if base != STATE:
            continue
        document = _document(folder / state)
        entries = document.get("_data_files") if isinstance(document, dict) else None
        if not isinstance(entries, list):
            continue
        kept = {entry.get("filename") for entry in entries if isinstance(entry, dict)}
        here = [n for n in names if n.rpartition("/")[0] == prefix and is_data_file(n)]
        if kept.intersection(name.rpartition("/")[2] for name in here):
            beside += [name for name in here if name.rpartition("/")[2] not in kept]
    return beside


def _document(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
