"""Splits told from the names of files and folders, by the words that the Hub knows.

Only whole words count, between the ends of a name, blanks, digits and ``-._``: ``my-test-1.jsonl``
is a test split, ``contest.jsonl`` is not. Unlike the Hub, which would train on ``Test.csv``,
capital letters do not matter; and where folders name splits but none for training, the files beside
them may.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from mlcc_core.helpers.splits.globs import names_like

TRAIN = "train"
"""The split that is trained on, where a dataset has several."""

WORDS: Mapping[str, tuple[str, ...]] = {
    TRAIN: ("train", "training"),
    "validation": ("validation", "valid", "dev", "val"),
    "test": ("test", "testing", "eval", "evaluation"),
}
"""The words of each split, in the Hub's order."""

BETWEEN = "-._ 0-9"
"""Characters beside a word, as a glob's set has them."""

SHARD = re.compile(r"data/([^/]+)-[0-9]{5}-of-[0-9]{5}[^/]*\.[^/]*\Z")
"""``data/<split>-00000-of-00003.parquet``: how the Hub's library names the files that it writes."""

SPLIT_NAME = re.compile(r"\w+(\.\w+)*\Z")
"""The Hub's rule for names of splits."""


def splits_by_name(names: Sequence[str]) -> dict[str, list[str]]:
    """Return the splits that the names of a dataset's files tell, each with its files.

    The first of these that tells any: names of shards in ``data/``, names of folders, names of
    files. Where none does, all files are ``train``.

    Args:
        names: of the data files, ``/``-separated.

    Returns:
        Splits in the Hub's order, each with its files in the order in which they are read; a file
        may be in none.

    Example:
        >>> splits_by_name(["my_train.csv", "dev.csv", "notes.csv"])
        {'train': ['my_train.csv'], 'validation': ['dev.csv']}
        >>> splits_by_name(["contest.csv"])
        {'train': ['contest.csv']}
    """
    found = _shards(names) or _by_folders(names) or _by_files(names)
    return found or ({TRAIN: sorted(names)} if names else {})


def says(name: str, split: str) -> bool:
    """Return whether the name of a split holds a word of ``split``, as ``test_sft`` of ``test``."""
    return any(names_like([name.lower()], glob) for glob in _globs(split, ("", f"[{BETWEEN}]*")))


def is_held_out(split: str) -> bool:
    """Return whether a split is for validation or tests, by its name."""
    return not says(split, TRAIN) and any(says(split, kind) for kind in ("validation", "test"))


def validation_split(splits: Iterable[str]) -> str | None:
    """Return the name of a dataset's own validation split, if it has one.

    Args:
        splits: names of its splits, such as the keys of ``Listing.other_splits``.

    Example:
        >>> validation_split(["test", "dev"])
        'dev'
    """
    names = [name for name in splits if says(name, "validation") and is_held_out(name)]
    return min(names, key=lambda name: (name != "validation", len(name)), default=None)


def _shards(names: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        if shard := SHARD.match(name):
            found.setdefault(shard[1], []).append(name)
    if not all(SPLIT_NAME.match(split) for split in found):
        return {}
    return {
        split: found[split]
        for split in (*WORDS, *sorted(set(found) - set(WORDS)))
        if split in found
    }


def _by_folders(names: Sequence[str]) -> dict[str, list[str]]:
    found = _told(names, ("/**", f"[{BETWEEN}]*/**"))
    if not found or TRAIN in found:
        return found
    claimed = {name for files in found.values() for name in files}
    beside = _by_files([name for name in names if name not in claimed])
    return {TRAIN: beside[TRAIN], **found} if TRAIN in beside else found


def _by_files(names: Sequence[str]) -> dict[str, list[str]]:
    return _told(names, (f"[{BETWEEN}]*",))


def _told(names: Sequence[str], ends: Sequence[str]) -> dict[str, list[str]]:
    """Return the splits of which a word is followed by one of ``ends``, with their files."""
    by_lower: dict[str, list[str]] = {}
    for name in sorted(names):
        by_lower.setdefault(name.lower(), []).append(name)
    found = {}
    for split, words in WORDS.items():
        hopeful = [lower for lower in by_lower if any(word in lower for word in words)]
        files: dict[str, None] = {}
        for glob in _globs(split, ends):
            told = (name for lower in names_like(hopeful, glob) for name in by_lower[lower])
            files.update(dict.fromkeys(sorted(told)))
        if files:
            found[split] = list(files)
    return found


def _globs(split: str, ends: Sequence[str]) -> list[str]:
    """Return the Hub's patterns for a split, in its order."""
    starts = ("**/", f"**/*[{BETWEEN}]")
    return [f"{start}{word}{end}" for word in WORDS[split] for start in starts for end in ends]
