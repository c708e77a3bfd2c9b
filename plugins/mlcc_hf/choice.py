"""From config, split, folder or file in a URI to the files of one split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlcc_core.helpers import is_data_file, plural
from mlcc_core.helpers.splits import MAGIC, names_like
from mlcc_hf.copies import configs_of_copies
from mlcc_hf.uri import HubUri
from mlcc_splits import (
    Choice,
    Configs,
    Place,
    config_of,
    mixed_splits,
    pick,
    several_configs,
    splits_of,
)


def place_of(uri: HubUri, names: Sequence[str]) -> Place:
    """Return the dataset as messages about its splits speak of it.

    Args:
        uri: the parsed URI.
        names: of all files of the repository.
    """

    def other(**parts: str) -> str:
        dropped = {"path": "", "split": "", **({"config": ""} if "file" in parts else {})}
        return uri.with_parts(**{**dropped, **parts})

    return Place(f"Dataset {uri.repository}", sorted(names), other)


def choose(uri: HubUri, place: Place, configs: Configs) -> Choice:
    """Return the files that the config, the split and the path of ``uri`` mean.

    A path is a file, a split of the config, a folder (read as a dataset of its own), a folder
    and a split in it, or a pattern of files; the first that exists.

    Args:
        uri: the parsed URI.
        place: the dataset that it names.
        configs: as its README describes them.

    Raises:
        MlccError: no such config, split, folder or file; several and none of them the default.
    """
    if uri.config is None and uri.split is None and uri.path in place.names:
        return Choice((uri.path,))
    if MAGIC.search(uri.path):
        return _by_pattern(uri, place)
    config = config_of(place, configs, uri.config)
    undecided = config is None and bool(configs.parts)
    splits = {} if undecided else splits_of(place, configs.parts.get(config or ""))
    if uri.path and uri.path not in splits and uri.config is None:
        if uri.path in configs.parts:
            raise place.other(
                f"{uri.path!r} is a config of {uri.repository}, not a split.", config=uri.path
            )
        parent, _, last = uri.path.rpartition("/")
        for folder, split in ((uri.path, uri.split or ""), (parent, last)):
            if folder and any(name.startswith(f"{folder}/") for name in place.names):
                return _in_folder(uri, place, folder, split)
    if undecided:
        raise several_configs(place, configs)
    if uri.path and uri.split and uri.path != uri.split:
        raise place.other(
            f"{uri.text!r} names two splits, {uri.path!r} and {uri.split!r}.", split=uri.split
        )
    others = sorted(set(configs.parts) - {config}) if uri.config is None else ()
    wanted = uri.split or uri.path or None
    return pick(place, splits, wanted, config=config, other_configs=others)


def choose_copies(uri: HubUri, names: Sequence[str]) -> Choice:
    """Return the files that ``uri`` means among a dataset's Parquet copies.

    Args:
        uri: the parsed URI; its path may begin with a config, which is a folder there.
        names: of all files of that revision.

    Raises:
        MlccError: as of :func:`choose`.
    """
    place = place_of(uri, names)
    configs = configs_of_copies(place.names)
    if uri.path in place.names or MAGIC.search(uri.path):
        return choose(uri, place, configs)
    return choose(in_config(uri, configs), place, configs)


def in_config(uri: HubUri, configs: Configs) -> HubUri:
    """Return a URI whose path begins with a config as one that names the config.

    Args:
        uri: the parsed URI.
        configs: of the dataset's Parquet copies.
    """
    config, _, rest = uri.path.partition("/")
    if uri.config is not None or config not in configs.parts:
        return uri
    return replace(uri, config=config, path=rest)


def _in_folder(uri: HubUri, place: Place, folder: str, split: str) -> Choice:
    def other(**parts: str) -> str:
        return uri.with_parts(**{"path": folder, "split": "", **parts})

    inside = Place(
        f"Folder {folder} of dataset {uri.repository}",
        [name for name in place.names if name.startswith(f"{folder}/")],
        other,
        called=folder.rpartition("/")[2],
    )
    if uri.file is not None and not split:
        return Choice(tuple(filter(is_data_file, inside.names)), (f"folder: {folder}",))
    choice = pick(inside, splits_of(inside, folder=folder), split or None)
    return replace(choice, notes=(f"folder: {folder}", *choice.notes))


def _by_pattern(uri: HubUri, place: Place) -> Choice:
    """Return the data files that a path with ``*`` or ``[`` means, as Polars and DuckDB read it."""
    try:
        files = [name for name in names_like(place.names, uri.path) if is_data_file(name)]
    except ValueError as error:
        raise place.other(f"The path {uri.path!r} cannot be read: {error}.", file="*") from None
    if not files:
        raise place.other(f"No data file of {place.name} fits {uri.path!r}.", file="*")
    return Choice(tuple(files), (plural(len(files), "file"), *mixed_splits(files)))
