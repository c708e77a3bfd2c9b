"""The YAML header of a README, and the configs that it describes, by the Hub's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlcc_core.helpers import first_line
from mlcc_core.helpers.splits import SPLIT_NAME, TRAIN
from mlcc_splits.place import Place

UNNAMED_CONFIG = "default"
"""The name of a config that is meant where none is named; and of the only one without a name."""

STANDALONE = ".huggingface.yaml"
"""Configs may stand in this file, too; they override the README's header."""


@dataclass(frozen=True, slots=True)
class Config:
    """One config of a dataset.

    Attributes:
        folder: the files are looked for below it.
        patterns: of each split's files; ``None`` where names of files tell the splits.
    """

    folder: str = ""
    patterns: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class Configs:
    """The configs of a dataset.

    Attributes:
        parts: by their names; empty where nothing describes any.
        default: the one that is meant when none is named.
    """

    parts: Mapping[str, Config] = field(default_factory=dict)
    default: str | None = None


def header(content: bytes, name: str, place: Place) -> dict[str, Any]:
    """Return the metadata in a README, or in a file of YAML alone.

    Args:
        content: of the file.
        name: of the file, which tells how it is read.
        place: the dataset, for errors.

    Raises:
        MlccError: the YAML cannot be read.
    """
    import yaml

    text = content.decode("utf-8-sig", "replace")
    if name.endswith(".md"):
        lines = text.splitlines()
        if not lines or lines[0] != "---" or "---" not in lines[1:]:
            return {}
        text = "\n".join(lines[1 : lines.index("---", 1)])
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise place.misdescribed(
            f"{name} of {place.name} holds YAML that cannot be read: {first_line(error)}."
        ) from None
    return value if isinstance(value, dict) else {}


def configs_of(card: Mapping[str, Any], place: Place) -> Configs:
    """Read the configs in a README's header.

    Args:
        card: the header.
        place: the dataset, for errors.

    Raises:
        MlccError: it breaks the Hub's rules.
    """
    try:
        return _configs(card.get("configs"))
    except ValueError as error:
        raise place.misdescribed(
            f"The README of {place.name} has a configs header that cannot be understood: {error}."
        ) from None


def _configs(entries: object) -> Configs:
    if not entries:
        return Configs()
    if not isinstance(entries, list):
        raise ValueError(f"configs must be a list, not {entries!r}")  # noqa: TRY004
    parts: dict[str, Config] = {}
    defaults = []
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("config_name") is None:
            raise ValueError(f"a config has no config_name: {entry!r}")
        name = str(entry["config_name"])
        if name in parts:
            raise ValueError(f"two configs are called {name!r}")
        folder = str(entry.get("data_dir") or "")
        parts[name] = Config(folder, _patterns(entry.get("data_files"), name))
        if len(entries) == 1 or name == UNNAMED_CONFIG or entry.get("default"):
            defaults.append(name)
    if len(defaults) > 1:
        raise ValueError(f"several configs are the default: {', '.join(defaults)}")
    return Configs(parts, defaults[0] if defaults else None)


def _patterns(declared: object, config: str) -> dict[str, list[str]] | None:
    """Return the patterns of each split, from a pattern, a list of them, or a list of splits."""
    if declared is None:
        return None
    given = [declared] if isinstance(declared, str) else declared
    if not isinstance(given, list) or not given:
        raise ValueError(f"data_files of {config!r} must be a pattern or a list, not {declared!r}")
    if all(isinstance(entry, str) for entry in given):
        return {TRAIN: given}
    found: dict[str, list[str]] = {}
    for entry in given:
        split, paths = _split(entry, config)
        if split in found:
            raise ValueError(f"data_files of {config!r} has split {split!r} twice")
        found[split] = paths
    return found


def _split(entry: object, config: str) -> tuple[str, list[str]]:
    if not isinstance(entry, dict) or set(entry) != {"split", "path"}:
        raise ValueError(f"data_files of {config!r} needs a split and a path, not {entry!r}")
    split, paths = entry["split"], entry["path"]
    if not isinstance(split, str) or not SPLIT_NAME.match(split):
        raise ValueError(f"data_files of {config!r} has a split named {split!r}")
    paths = [paths] if isinstance(paths, str) else paths
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise ValueError(f"split {split!r} of {config!r} needs a path of text, not {paths!r}")
    return split, paths
