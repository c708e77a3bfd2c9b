"""The splits of one config, each with its files, in one format."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mlcc_core.helpers import FORMAT_BY_SUFFIX, USUAL_SUFFIXES, data_suffix, is_data_file
from mlcc_core.helpers.splits import names_like, splits_by_name
from mlcc_splits.card import Config
from mlcc_splits.place import Place

SUFFIX_ORDER = (
    *USUAL_SUFFIXES,
    *sorted(set(FORMAT_BY_SUFFIX) - set(USUAL_SUFFIXES), reverse=True),
)
"""Order of formats where a split has equally many files of several: that of the Hub's library
(``datasets.load.infer_module_for_data_files_list``)."""


@dataclass(frozen=True, slots=True)
class Split:
    """One split's files.

    Attributes:
        files: of the split's main format, in the order in which they are read.
        left_out: files that belong to it too, of other formats.
        unmatched: patterns of the README that no file fits.
    """

    files: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()


def splits_of(place: Place, config: Config | None = None, folder: str = "") -> dict[str, Split]:
    """Return all splits of a config, or of a folder, by their names, each with its files.

    Args:
        place: the dataset.
        config: one that the README describes; without it, names of files tell the splits.
        folder: of the dataset; files are looked for below it alone.

    Returns:
        Splits in their order; one whose patterns fit no file is there, without files.

    Raises:
        MlccError: patterns that lead out of the dataset, or that are none.
    """
    config = config or Config()
    base = _inside(posixpath.join(folder, config.folder), place)
    prefix = f"{base}/" if base else ""
    below = (name.removeprefix(prefix) for name in place.names if name.startswith(prefix))
    names = dict.fromkeys(below).keys()
    if config.patterns is None:
        told = splits_by_name([name for name in names if is_data_file(name)])
        return {split: _one_format(prefix, files) for split, files in told.items()}
    found = {}
    for split, patterns in config.patterns.items():
        files: dict[str, None] = {}
        unmatched = []
        for pattern in patterns:
            fitting = _like(names, pattern, place)
            files.update(dict.fromkeys(fitting))
            unmatched += [] if fitting else [pattern]
        found[split] = _one_format(prefix, list(files), unmatched)
    return found


def _like(names: Collection[str], pattern: str, place: Place) -> list[str]:
    try:
        return names_like(names, _inside(pattern, place))
    except ValueError as error:
        raise place.misdescribed(
            f"The README of {place.name} has a pattern that cannot be read: {error}."
        ) from None


def _inside(pattern: str, place: Place) -> str:
    """Return a path or pattern without ``.`` and ``..``.

    Raises:
        MlccError: it leads out of the dataset.
    """
    path = posixpath.normpath(pattern) if pattern else ""
    outside = path.startswith(("/", "../")) or path == ".."
    if outside or "::" in pattern or "://" in pattern:
        raise place.misdescribed(
            f"The README of {place.name} points to {pattern!r}, outside of its own files."
        )
    return "" if path == "." else path


def _one_format(prefix: str, names: Iterable[str], unmatched: Iterable[str] = ()) -> Split:
    """Keep the commonest format: the same rows are often published in several."""
    files = [f"{prefix}{name}" for name in names]
    suffixes = Counter(data_suffix(name) for name in files)
    known = [suffix for suffix in suffixes if suffix]
    if not known:
        return Split((), tuple(files), tuple(unmatched))
    main = min(known, key=lambda suffix: (-suffixes[suffix], SUFFIX_ORDER.index(suffix)))
    family = {s for s in known if FORMAT_BY_SUFFIX[s].shares_family(FORMAT_BY_SUFFIX[main])}
    kept = tuple(name for name in files if data_suffix(name) in family)
    return Split(kept, tuple(name for name in files if name not in kept), tuple(unmatched))
