"""The files that a path or ``file://`` URI means."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from mlcc_core import DatasetFile, Listing, MlccError, OtherUri
from mlcc_core.helpers import data_suffix, plural, select_files
from mlcc_core.helpers.splits import WORDS, says
from mlcc_file.address import FLAG, locate
from mlcc_file.fingerprint import fingerprint
from mlcc_file.folder import DESCRIPTIONS, look_into
from mlcc_file.hub_names import check_not_of_the_hub
from mlcc_file.paths import check_regular, mode_of, shown, text_of, unreadable
from mlcc_splits import Choice, mixed_splits


def find(uri: str) -> Listing:
    """List the files that ``uri`` means: one file, or those of one split of a folder.

    Raises:
        MlccError: nothing there, nothing readable, no data file, no regular file; a folder of
            several configs, or without the split that is meant.
    """
    place, values = locate(uri)
    path = Path(os.path.abspath(place))  # noqa: PTH100 - resolve() would follow the user's links
    named = values.get("split", path.name)
    if named == path.name and not os.path.lexists(path) and not data_suffix(path.name):
        found = _as_split(path, values)
        if found is not None:
            return _listing(uri, path.parent, *found, values)
    if not os.path.lexists(path):
        check_not_of_the_hub(uri, place)
    mode = mode_of(path)
    if stat.S_ISDIR(mode):
        return _listing(uri, path, *look_into(path, values), values)
    for key in ("split", "config"):
        if key in values:
            raise OtherUri(
                f"{shown(path)} is a file, which has no {key} {values[key]!r}.",
                where=FLAG,
                uri=text_of(path),
            )
    return _listing(uri, path, {path.name: path}, Choice((path.name,)), values)


def _as_split(path: Path, values: Mapping[str, str]) -> tuple[dict[str, Path], Choice] | None:
    """Return the files of ``folder/split``, where nothing is called so; ``None`` if it is none.

    A folder is walked only for a name that may be a split's: a mistyped path is told at once.
    """
    described = (os.path.isfile(path.parent / name) for name in DESCRIPTIONS)  # noqa: PTH113 - pathlib raises for long names
    if not any(described) and not any(says(path.name, split) for split in WORDS):
        return None
    try:
        return look_into(path.parent, {**values, "split": path.name})
    except MlccError:
        return None


def _listing(
    uri: str, path: Path, files: Mapping[str, Path], choice: Choice, values: Mapping[str, str]
) -> Listing:
    names = list(choice.files)
    notes = choice.notes
    if "file" in values:
        names = select_files(names, values["file"], label=shown(path))
        notes += mixed_splits(names) if choice.split is None else ()
    count = (plural(len(names), "file"),) if len(names) > 1 else ()
    return Listing(
        uri=uri,
        files=tuple(_file(name, files[name]) for name in names),
        label=path.name or str(path),
        notes=(*notes, *count),
        split=choice.split,
        other_splits={} if "file" in values else choice.other_splits,
    )


def _file(name: str, path: Path) -> DatasetFile:
    check_regular(path, mode_of(path))
    try:
        with path.open("rb") as opened:
            size, identity = fingerprint(opened)
    except OSError as error:
        raise unreadable(path, error) from error
    return DatasetFile(
        name=os.fsencode(name).decode("utf-8", "replace"),
        uri=path.as_uri(),
        size=size,
        fingerprint=identity,
        path=path,
    )
