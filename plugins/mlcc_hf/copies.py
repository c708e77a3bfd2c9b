"""The copies of a dataset in Parquet that the Hub makes, for datasets that hold no data file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlcc_splits import Config, Configs, Place

DEFAULT = "default"
"""The Hub's name for the config of a dataset that names none."""

PARTIAL = "partial-"
"""Begins the folder of a split of which the Hub has copied the first part alone."""


def configs_of_copies(names: Sequence[str]) -> Configs:
    """Return the configs of the copies, which lie in ``config/split/0000.parquet``.

    Copies of some years ago are ``config/name-split.parquet``.

    Args:
        names: of all files of that revision.
    """
    files = [name for name in names if name.endswith(".parquet") and "/" in name]
    configs = {
        config: _config(config, [name for name in files if name.startswith(f"{config}/")])
        for config in sorted({name.partition("/")[0] for name in files})
    }
    only = next(iter(configs), None) if len(configs) == 1 else None
    return Configs(configs, DEFAULT if DEFAULT in configs else only)


def check_one_config(place: Place, files: Iterable[str]) -> None:
    """Check that files are of one config: rows of several are never mixed.

    Args:
        place: the copies.
        files: that a pattern means.

    Raises:
        MlccError: they are of several.
    """
    names = sorted({name.partition("/")[0] for name in files})
    if len(names) > 1:
        raise place.other(
            f"The pattern means files of {len(names)} configs of {place.name}: name one.",
            f"Configs: {', '.join(names)}",
            config=names[0],
        )


def partial_splits(files: Iterable[str]) -> tuple[str, ...]:
    """Return a note where the files are the first part of a split alone.

    Args:
        files: that are read.
    """
    partial = {name.split("/")[1] for name in files if name.split("/")[1:2]}
    if any(folder.startswith(PARTIAL) for folder in partial):
        return ("the Hub has copied only the first part of this split to Parquet",)
    return ()


def _config(name: str, files: Sequence[str]) -> Config:
    folders = {file.split("/")[1] for file in files if file.count("/") == 2}
    if not folders or any(file.count("/") != 2 for file in files):
        return Config(name)
    return Config(name, {f.removeprefix(PARTIAL): [f"{f}/*.parquet"] for f in sorted(folders)})
