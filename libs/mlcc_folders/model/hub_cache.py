"""The Hub's cache on this machine, read without the library that fills it.

``models--ORG--NAME/refs/BRANCH`` holds the sha of a commit, ``snapshots/SHA/`` its files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PREFIX = "models--"
CONFIG = "config.json"


def folder() -> Path:
    """Return the cache's folder, by the variables that huggingface_hub knows."""
    if chosen := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(chosen).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base).expanduser() if base else Path.home() / ".cache") / "huggingface" / "hub"


def snapshots() -> Iterator[tuple[str, Path]]:
    """Yield the name of each model in the cache, and the folder of its files.

    The name is ``org/name`` for the newest commit of the main branch that was seen here, and
    ``org/name@sha`` for any other.
    """
    for repository in sorted(folder().glob(f"{PREFIX}*")):
        hub_id = repository.name.removeprefix(PREFIX).replace("--", "/", 1)
        main = commit_of(repository, "main")
        for snapshot in sorted(repository.glob("snapshots/*")):
            if (snapshot / CONFIG).is_file():
                name = hub_id if snapshot.name == main else f"{hub_id}@{snapshot.name}"
                yield name, snapshot


def commit_of(repository: Path, branch: str) -> str | None:
    """Return the commit that a branch had when it was last seen here."""
    with suppress(OSError, UnicodeDecodeError):
        return (repository / "refs" / branch).read_text(encoding="ascii").strip()
    return None
