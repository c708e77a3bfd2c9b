"""From config, split, folder or file in a URI to the files of one split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlcc_core import MlccError, OtherUri
from mlcc_core.helpers import close_matches, file_lines, is_data_file
from mlcc_hf.resolve import Configs, Split, configs_of, splits_of
from mlcc_hf.uri import HubUri

FLAG = "--dataset"

UNNAMED_CONFIG = "default"
"""Name of the only config of a dataset that names none."""

DEFAULT_SPLIT = "train"


@dataclass(frozen=True, slots=True)
class Choice:
    """Files, and what to tell the user about how they were chosen."""

    files: tuple[str, ...]
    notes: tuple[str, ...] = ()


def choose(uri: HubUri, names: Sequence[str], card: Mapping[str, Any]) -> Choice:
    """The files that the config and the path of ``uri`` mean.

    A path is a file, a split of the config, a folder (read as a dataset of its own), or a folder
    and a split in it; the first that exists.

    Args:
        uri: the parsed URI.
        names: all files of the repository, sorted.
        card: its metadata (the README's header).

    Raises:
        MlccError: no such config, split, folder or file; several and none of them the default.
    """
    label = uri.repository
    if uri.config is None and uri.path in names:
        return Choice((uri.path,))
    configs = configs_of(card, label)
    config = _config(uri, configs)
    undecided = config is None and bool(configs.parts)
    splits = {} if undecided else splits_of(configs.parts.get(config or "", {}), names, label)
    if uri.path and uri.path not in splits and uri.config is None:
        if uri.path in configs.parts:
            raise _config_as_path(uri)
        parent, _, last = uri.path.rpartition("/")
        for folder, split in ((uri.path, ""), (parent, last)):
            if folder and any(name.startswith(f"{folder}/") for name in names):
                inside = splits_of({}, names, label, folder)
                return _pick(uri, inside, split, (f"folder: {folder}",))
    if undecided:
        raise _several_configs(uri, configs)
    others = tuple(name for name in configs.parts if name != config and uri.config is None)
    choice = _pick(uri, splits, uri.path, (f"config: {config}",) if config else (), others)
    unclaimed = () if configs.parts else _unclaimed(splits, names)
    return replace(choice, notes=choice.notes + unclaimed)


def _config(uri: HubUri, configs: Configs) -> str | None:
    """The config that is meant; ``None`` where there are none, or several without a default."""
    if uri.config is None:
        return configs.default
    if uri.config in configs.parts:
        return uri.config
    if not configs.parts and uri.config == UNNAMED_CONFIG:
        return None
    existing = sorted(configs.parts) or [UNNAMED_CONFIG]
    close = close_matches(uri.config, existing) or existing
    raise OtherUri(
        f"Dataset {uri.repository} has no config {uri.config!r}.",
        where=FLAG,
        uri=str(uri.with_parts(config=close[0])),
        detail=(f"Configs: {', '.join(existing)}",),
    )


def _pick(
    uri: HubUri,
    splits: Mapping[str, Split],
    wanted: str,
    notes: tuple[str, ...],
    other_configs: Sequence[str] = (),
) -> Choice:
    """The split that is named, else ``train``, else the only one that has files."""
    filled = [name for name, split in splits.items() if split.files]
    if not wanted:
        if DEFAULT_SPLIT in filled:
            wanted = DEFAULT_SPLIT
        elif len(filled) == 1:
            wanted = filled[0]
        elif len(filled) > 1:
            raise _several_splits(uri, filled, _also(other_configs))
    if wanted not in filled:
        raise _no_split(uri, splits, filled, wanted, _also(other_configs))
    split = splits[wanted]
    left_out = (_left_out("of other formats", split.left_out),) if split.left_out else ()
    return Choice(split.files, (*notes, f"split: {wanted}", *left_out))


def _left_out(why: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"left out, {why}: {', '.join(names[:3])}{more}"


def _unclaimed(splits: Mapping[str, Split], names: Sequence[str]) -> tuple[str, ...]:
    """Splits that were guessed from names may leave data files out; say which."""
    claimed = {name for split in splits.values() for name in (*split.files, *split.left_out)}
    rest = [name for name in names if is_data_file(name) and name not in claimed]
    return (_left_out("in no split by their names", rest),) if rest and claimed else ()


def _config_as_path(uri: HubUri) -> MlccError:
    return OtherUri(
        f"{uri.path!r} is a config of {uri.repository}, not a split.",
        where=FLAG,
        uri=str(uri.with_parts(path="", config=uri.path)),
    )


def _several_configs(uri: HubUri, configs: Configs) -> MlccError:
    names = sorted(configs.parts)
    return OtherUri(
        f"Dataset {uri.repository} has {len(names)} configs and no default one: name one.",
        where=FLAG,
        uri=str(uri.with_parts(config=names[0])),
        detail=(f"Configs: {', '.join(names)}",),
    )


def _also(other_configs: Sequence[str]) -> tuple[str, ...]:
    """A line that names the configs that were not looked at, since none was asked for."""
    names = ", ".join(sorted(other_configs))
    return (f"Other configs (?config=<name>): {names}",) if names else ()


def _several_splits(uri: HubUri, filled: Sequence[str], also: tuple[str, ...]) -> MlccError:
    path = f"{uri.path}/{filled[0]}" if uri.path else filled[0]
    return OtherUri(
        f"Dataset {uri.repository} has {len(filled)} splits and none is {DEFAULT_SPLIT!r}: "
        "name one.",
        where=FLAG,
        uri=str(uri.with_parts(path=path)),
        detail=(f"Splits: {', '.join(filled)}", *also),
    )


def _no_split(
    uri: HubUri,
    splits: Mapping[str, Split],
    filled: Sequence[str],
    wanted: str,
    also: tuple[str, ...],
) -> MlccError:
    if wanted in splits or not filled:
        left_out = splits[wanted].left_out if wanted in splits else ()
        called = f"Split {wanted!r} of {uri.repository}" if wanted else f"Dataset {uri.repository}"
        return MlccError(
            f"{called} has no file in a format that can be read.",
            where=FLAG,
            hint=f"choose the files yourself: --dataset 'hf://{uri.repository}?file=*train*'",
            detail=("Its files:", *file_lines(left_out)) if left_out else (),
        )
    close = close_matches(wanted, filled) or list(filled)
    parent = uri.path.removesuffix(wanted)
    return OtherUri(
        f"Dataset {uri.repository} has no split {wanted!r}.",
        where=FLAG,
        uri=str(uri.with_parts(path=parent + close[0])),
        detail=(f"Splits: {', '.join(filled)}", *also),
    )
