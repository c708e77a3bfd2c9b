"""The files of a model that leave: chosen by name, and without places of this machine."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

from mlcc_core.actions.card.base import BASE_RECORD, Base
from mlcc_core.actions.card.leaving import Leaving
from mlcc_core.helpers.disk import disk_errors

MODEL_FILES = (
    *("*.safetensors", "*.safetensors.index.json", "adapter_config.json", "config.json"),
    *("generation_config.json", "tokenizer.json", "tokenizer_config.json", "*.jinja"),
    *("special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt"),
    *("tokenizer.model", "sentencepiece.bpe.model", "spiece.model", "preprocessor_config.json"),
    *("base_model.json", "mlcc_lineage.json"),
)
"""Names of the files that a model is loaded from: no optimizer, no pickle, no code."""

BASE_KEYS = ("base_model_name_or_path", "_name_or_path", "name_or_path", "asked")
"""Keys whose values name the base model, or the place that it was loaded from."""

WITH_PLACES = ("adapter_config.json", "config.json", "tokenizer_config.json", BASE_RECORD)
"""Files in which such keys are."""

LINEAGE = "mlcc_lineage.json"


def is_model_file(name: str) -> bool:
    """Return whether a file of that name, at the top of a folder, is part of a model."""
    return "/" not in name and any(fnmatch(name, pattern) for pattern in MODEL_FILES)


def model_files(names: Iterable[str]) -> list[str]:
    """Return those names that are parts of a model, sorted."""
    return sorted(name for name in names if is_model_file(name))


def copy_model(folder: Path, into: Path) -> list[str]:
    """Put the files of a model into another folder, as links where that is possible.

    Returns:
        Their names.

    Raises:
        PlatformError: the disk refuses.
    """
    with disk_errors(into, doing="prepare the files"):
        names = model_files(path.name for path in folder.iterdir() if path.is_file())
        for name in names:
            source = (folder / name).resolve()
            if not name.endswith(".safetensors"):
                shutil.copyfile(source, into / name)
                continue
            try:
                os.link(source, into / name)
            except OSError:  # another file system, or one without links
                (into / name).symlink_to(source)
    return names


def name_places(folder: Path, base: Base, leaving: Leaving) -> None:
    """Put names in place of paths in the files of a model that are known to hold some.

    Args:
        folder: of copies.
        base: its id stands for its place.
        leaving: knows names.

    Raises:
        PlatformError: the disk refuses.
    """
    for name in (*WITH_PLACES, LINEAGE):
        path = folder / name
        try:
            document = json.loads(path.read_bytes())
        except (OSError, ValueError):
            continue  # not there, or damaged: what is in it is looked at all the same
        known = _of_base(document, base) if name == BASE_RECORD else document
        named = _named(known, base, leaving)
        if named != document:
            with disk_errors(path, doing="prepare the files"):
                path.write_text(json.dumps(named, ensure_ascii=False, indent=2) + "\n")


def _of_base(document: object, base: Base) -> object:
    """Return a record of a base without its place: no model is called by the name of a folder."""
    asked = document.get("asked") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(asked, str) or not is_place(asked):
        return document
    return {**document, "asked": base.id, "folder": None if base.id else base.name}


def _named(value: object, base: Base, leaving: Leaving, key: str = "") -> object:
    if isinstance(value, dict):
        return {name: _named(each, base, leaving, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_named(each, base, leaving, key) for each in value]
    if isinstance(value, str) and is_place(value):
        return (base.id or base.name) if key in BASE_KEYS else leaving.place(value)
    return value


def is_place(text: str) -> bool:
    """Return whether a value is a path or an address, and not a name."""
    return "\n" not in text and (text.startswith(("/", "~/", "./", "../")) or "://" in text)
