"""Files that a repository holds already, told by checksum before anything is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlcc_core.contract.model_hub import HubModel

PIECE = 1 << 20


def changed_files(folder: Path, found: HubModel | None) -> list[str]:
    """Return names of those files of a folder that a repository does not hold as they are."""
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    if found is None:
        return [path.name for path in paths]
    return [path.name for path in paths if not _is_held(path, found)]


def _is_held(path: Path, found: HubModel) -> bool:
    size = path.stat().st_size
    if path.name not in found.files or found.files[path.name] not in (size, None):
        return False
    kind, _, known = found.checksums.get(path.name, "").partition(":")
    if kind == "sha256":
        return known == _digest(path, hashlib.sha256())
    if kind == "git":
        head = f"blob {size}\0".encode()
        return known == _digest(path, hashlib.sha1(head, usedforsecurity=False))
    return False


def _digest(path: Path, digest: Any) -> str:
    """Return the digest of a file, gone on with from what it was fed before."""
    update: Callable[[bytes], None] = digest.update
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            update(piece)
    return str(digest.hexdigest())
