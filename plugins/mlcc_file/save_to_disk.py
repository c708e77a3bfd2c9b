"""Folders that ``DatasetDict.save_to_disk`` wrote: one folder for each split, and a record."""

from __future__ import annotations

import json
from pathlib import Path

RECORD = "dataset_dict.json"
"""``{"splits": ["train", "test"]}``."""

DEFAULT_SPLIT = "train"
"""The split that is read where none is named, as of datasets of the Hub."""


def splits_of(folder: Path) -> list[str]:
    """The splits that the record names and that are there; none of any other folder."""
    try:
        document = json.loads((folder / RECORD).read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    names = document.get("splits") if isinstance(document, dict) else None
    if not isinstance(names, list):
        return []
    return [name for name in names if isinstance(name, str) and _is_split(folder, name)]


def _is_split(folder: Path, name: str) -> bool:
    try:
        return bool(name) and Path(name).name == name and (folder / name).is_dir()
    except ValueError:  # a NUL
        return False
