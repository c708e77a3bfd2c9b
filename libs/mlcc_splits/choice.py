"""The one config and the one split that are read, and what is told of all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mlcc_core import MlccError
from mlcc_core.helpers import (
    close_matches,
    file_lines,
    is_data_file,
    plural,
    suggest_pattern,
)
from mlcc_core.helpers.splits import TRAIN, is_held_out, says, splits_by_name
from mlcc_splits.card import UNNAMED_CONFIG, Configs
from mlcc_splits.files import Split, splits_of
from mlcc_splits.place import Place

SHOWN = 3
"""Names of files that a note shows at most."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Files, and what to tell the user about how they were chosen.

    Attributes:
        files: of the split that is read.
        notes: config, split, and what is left out.
        split: the name of the split that is read; ``None`` where nothing tells splits.
        other_splits: the URI of each other split that has files, by the split's name.
    """

    files: tuple[str, ...]
    notes: tuple[str, ...] = ()
    split: str | None = None
    other_splits: Mapping[str, str] = field(default_factory=dict)


def choose(place: Place, configs: Configs, config: str | None, split: str | None) -> Choice:
    """Return the files of the config and the split that are named, or meant where none is.

    Args:
        place: the dataset.
        configs: as its README describes them.
        config: the config that the user names.
        split: the split that the user names.

    Raises:
        MlccError: no such config or split; several, and none that is meant; a pattern of the
            split's that no file fits; no file that can be read.
    """
    name = config_of(place, configs, config)
    if name is None and configs.parts:
        raise several_configs(place, configs)
    splits = splits_of(place, configs.parts.get(name or ""))
    others = sorted(set(configs.parts) - {name}) if config is None else []
    return pick(place, splits, split, config=name, other_configs=others)


def config_of(place: Place, configs: Configs, named: str | None) -> str | None:
    """Return the config that is meant; ``None`` where none is there, or several without a default.

    Args:
        place: the dataset.
        configs: that it has.
        named: the one that the user names.

    Raises:
        MlccError: it has none of that name.
    """
    if named is None:
        return configs.default
    if named in configs.parts:
        return named
    if not configs.parts and named == UNNAMED_CONFIG:
        return None
    existing = sorted(configs.parts) or [UNNAMED_CONFIG]
    close = close_matches(named, existing) or existing
    raise place.other(
        f"{place.title} has no config {named!r}.",
        f"Configs: {', '.join(existing)}",
        config=close[0],
    )


def several_configs(place: Place, configs: Configs) -> MlccError:
    """Return the error for several configs, none of which is named or the default.

    Args:
        place: the dataset.
        configs: that it has.
    """
    names = sorted(configs.parts)
    return place.other(
        f"{place.title} has {len(names)} configs and no default one: name one.",
        f"Configs: {', '.join(names)}",
        config=names[0],
    )


def pick(
    place: Place,
    splits: Mapping[str, Split],
    wanted: str | None,
    *,
    config: str | None = None,
    other_configs: Sequence[str] = (),
) -> Choice:
    """Return the split that is named, else ``train``, else the only one if it is for training.

    Args:
        place: the dataset.
        splits: that it has.
        wanted: the split that the user names.
        config: the config of the splits, if there are any.
        other_configs: that were not looked at, as the user named none.

    Raises:
        MlccError: as of :func:`choose`.
    """
    also = (f"Other configs (?config=<name>): {', '.join(other_configs)}",) if other_configs else ()
    filled = {name: split for name, split in splits.items() if split.files}
    name = wanted or _meant(place, splits, filled, also)
    if name is None or name not in filled:
        raise _no_split(place, splits, filled, name, also)
    split = filled[name]
    if split.unmatched:
        raise place.misdescribed(
            f"The README of {place.name} names files for split {name!r} that are not there: "
            f"{split.unmatched[0]!r} fits no file."
        )
    parts = {} if config is None else {"config": config}
    notes = [f"config: {config}"] if config is not None else []
    rest = () if config is not None else _unclaimed(place, splits)
    if config is not None or len(splits) > 1 or name != TRAIN or rest:
        notes.append(f"split: {name}")
    notes += _others(name, splits)
    notes += [f"other configs, not read: {', '.join(other_configs)}"] if other_configs else []
    notes += _left_out("of other formats", split.left_out)
    notes += _left_out("in no split by their names", rest)
    others = {other: place.uri(split=other, **parts) for other in filled if other != name}
    told = name if f"split: {name}" in notes else None
    return Choice(split.files, tuple(notes), told, others)


def mixed_splits(names: Sequence[str]) -> tuple[str, ...]:
    """Return a note where files that a pattern means are of several splits by their names.

    Args:
        names: of the files.
    """
    told = splits_by_name(names)
    if len(told) < 2:
        return ()
    counts = ", ".join(f"{name}: {plural(len(files), 'file')}" for name, files in told.items())
    return (f"files of {len(told)} splits by their names, all of them read: {counts}",)


def _meant(
    place: Place,
    splits: Mapping[str, Split],
    filled: Mapping[str, Split],
    also: tuple[str, ...],
) -> str | None:
    """Return the split that is read where none is named; ``None`` where no split has files."""
    if not filled or TRAIN in splits:
        return TRAIN if TRAIN in splits else None
    only = next(iter(filled))
    if len(filled) == 1 and (not is_held_out(only) or _called_so(place, only)):
        return only
    counts = ", ".join(_counted(name, split) for name, split in filled.items())
    detail = (f"Splits: {counts}", *also)
    if len(filled) > 1:
        first = min(filled, key=lambda name: (not says(name, TRAIN), is_held_out(name)))
        what = f"{place.title} has {len(filled)} splits and none is {TRAIN!r}: name one."
        raise place.other(what, *detail, split=first)
    what = f"{place.title} has no split {TRAIN!r}, only {only!r}"
    rest = _unclaimed(place, filled)
    detail += ("In no split by their names:", *file_lines(rest)) if rest else ()
    pattern = suggest_pattern(rest, [*filled[only].files, *filled[only].left_out])
    if pattern is None:
        raise place.other(f"{what}: name it to train on it.", *detail, split=only)
    raise place.other(f"{what}: name the files to train on.", *detail, file=pattern)


def _called_so(place: Place, split: str) -> bool:
    """Return whether the user named the split by naming a folder that is called so."""
    kinds = (kind for kind in ("validation", "test") if says(split, kind))
    return bool(place.called) and any(says(place.called, kind) for kind in kinds)


def _others(chosen: str, splits: Mapping[str, Split]) -> list[str]:
    """Return the note about the splits that are not read."""
    read = set(splits[chosen].files)
    counts = []
    for name, split in splits.items():
        shared = len(read.intersection(split.files))
        if name != chosen:
            also = f" ({shared} of them read as {chosen}, too)" if shared else ""
            counts.append(_counted(name, split) + also)
    return [f"{', '.join(counts)}; not trained on"] if counts else []


def _counted(name: str, split: Split) -> str:
    missing = f" ({split.unmatched[0]} fits none)" if split.unmatched else ""
    return f"{name}: {plural(len(split.files), 'file')}{missing}"


def _left_out(why: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return [f"left out, {why}: {', '.join(names[:SHOWN])}{more}"]


def _unclaimed(place: Place, splits: Mapping[str, Split]) -> list[str]:
    """Return the data files that are in no split: names of files need not tell one for each."""
    claimed = {name for split in splits.values() for name in (*split.files, *split.left_out)}
    rest = [name for name in place.names if is_data_file(name) and name not in claimed]
    return rest if claimed else []


def _no_split(
    place: Place,
    splits: Mapping[str, Split],
    filled: Mapping[str, Split],
    wanted: str | None,
    also: tuple[str, ...],
) -> MlccError:
    if filled and wanted not in splits:
        close = close_matches(wanted or "", filled) or list(filled)
        counts = ", ".join(_counted(name, split) for name, split in filled.items())
        what = f"{place.title} has no split {wanted!r}."
        return place.other(what, f"Splits: {counts}", *also, split=close[0])
    split = splits.get(wanted or TRAIN) or next(iter(splits.values()), Split(()))
    if split.unmatched and not split.left_out:
        return place.misdescribed(
            f"The README of {place.name} names files for split {wanted or TRAIN!r} that are not "
            f"there: {split.unmatched[0]!r} fits no file."
        )
    title = f"Split {wanted!r} of {place.name}" if wanted else place.title
    what = f"{title} has no file in a format that can be read."
    listed = ("Its files:", *file_lines(split.left_out)) if split.left_out else ()
    return place.other(what, *listed, file="*")
