"""The Hub's cache on this machine, read without the library that fills it.

``models--ORG--NAME/refs/BRANCH`` holds the sha of a commit, ``snapshots/SHA/`` its files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mlcc_engine.hub.names import HubName

PREFIX = "models--"
CONFIG = "config.json"
MAIN = "main"


def cache_folder() -> Path:
    """Return the cache's folder, by the variables that huggingface_hub knows."""
    if chosen := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(chosen).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base).expanduser() if base else Path.home() / ".cache") / "huggingface" / "hub"


def repository_folder(hub_id: str) -> Path:
    """Return where the cache keeps a model."""
    return cache_folder() / f"{PREFIX}{hub_id.replace('/', '--')}"


def snapshot_folder(hub_id: str, commit: str) -> Path:
    """Return where the cache has the files of a commit."""
    return repository_folder(hub_id) / "snapshots" / commit


def last_seen(hub_id: str, branch: str = MAIN) -> str | None:
    """Return the commit that a branch had when it was last seen here."""
    with suppress(OSError, UnicodeDecodeError):
        return (repository_folder(hub_id) / "refs" / branch).read_text(encoding="ascii").strip()
    return None


def find(name: HubName) -> Path | None:
    """Return the folder of a model in the cache, whole or not; ``None`` if there is none.

    Without the Hub, a branch means the commit that it had when it was last seen; the main one
    else the only commit that there is.
    """
    commit = name.commit or last_seen(name.id, name.revision or MAIN)
    if commit is None and name.revision is None:
        known = [path.name for path in repository_folder(name.id).glob("snapshots/*")]
        commit = known[0] if len(known) == 1 else None
    folder = snapshot_folder(name.id, commit or "")
    return folder if commit and folder.is_dir() else None


def snapshots() -> Iterator[tuple[HubName, Path]]:
    """Yield each model in the cache, and the folder of its files.

    A name without a revision is the main branch, as it was last seen.
    """
    for repository in sorted(cache_folder().glob(f"{PREFIX}*")):
        hub_id = repository.name.removeprefix(PREFIX).replace("--", "/", 1)
        main = last_seen(hub_id)
        for snapshot in sorted(repository.glob("snapshots/*")):
            if (snapshot / CONFIG).is_file():
                revision = None if snapshot.name == main else snapshot.name
                yield HubName(hub_id, revision), snapshot
