"""The files of a folder that are read: those of one split, by the rule of the Hub."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mlcc_core.helpers import is_data_file
from mlcc_file.hub_cache import snapshot_of
from mlcc_file.paths import empty, shown, text_of, unreadable
from mlcc_file.save_to_disk import RECORD, not_saved, saved_splits
from mlcc_splits import (
    STANDALONE,
    Choice,
    Configs,
    Place,
    choose,
    config_of,
    configs_of,
    header,
    pick,
)

READMES = ("README.md", STANDALONE)

DESCRIPTIONS = (*READMES, RECORD)
"""Files that may describe configs and splits."""


def look_into(folder: Path, values: Mapping[str, str]) -> tuple[dict[str, Path], Choice]:
    """Return the files of a folder by their names, and those of them that are read.

    Args:
        folder: that exists.
        values: ``file``, ``config`` and ``split`` of the URI.

    Raises:
        MlccError: no data file; several configs or splits and none that is meant; a README that
            cannot be followed.
    """

    def other(**parts: str) -> str:
        kept = {key: value for key, value in values.items() if key != "split"}
        if "file" in parts:
            kept.pop("config", None)
        return _uri(folder, **{**kept, **parts})

    root, notes = snapshot_of(folder)
    files = _walk(root)
    for name in not_saved(root, list(files)):
        del files[name]
    names = sorted(files)
    if not any(is_data_file(name) for name in names):
        raise empty(folder)
    place = Place(shown(folder), names, other, called=folder.name)
    choice = _choose(root, place, values)
    return files, replace(choice, notes=(*notes, *choice.notes))


def _choose(root: Path, place: Place, values: Mapping[str, str]) -> Choice:
    config, split = values.get("config"), values.get("split")
    if "file" in values and config is None and split is None:
        return Choice(tuple(name for name in place.names if is_data_file(name)))
    saved = saved_splits(root, place.names)
    if saved:
        config_of(place, Configs(), config)
        return pick(place, saved, split)
    card: dict[str, object] = {}
    for name in READMES:
        path = root / name
        if path.is_file():
            card.update(header(_read(path), name, place))
    return choose(place, configs_of(card, place), config, split)


def _uri(folder: Path, **values: str) -> str:
    query = "&".join(
        f"{key}={value.replace('%', '%25').replace('&', '%26')}" for key, value in values.items()
    )
    return f"{text_of(folder)}{'?' + query if query else ''}"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def _walk(root: Path) -> dict[str, Path]:
    """Return the files below ``root`` by their names; hidden folders and linked ones stay out."""

    def refuse(error: OSError) -> None:
        raise unreadable(Path(error.filename or root), error) from error

    found: dict[str, Path] = {}
    for folder, below, bases in os.walk(root, onerror=refuse):
        below[:] = [name for name in below if not name.startswith(".")]
        for base in bases:
            path = Path(folder, base)
            name = os.fsencode(path.relative_to(root).as_posix())
            text = name.decode("utf-8", "replace")
            found[name.decode("utf-8", "backslashreplace") if text in found else text] = path
    return found
