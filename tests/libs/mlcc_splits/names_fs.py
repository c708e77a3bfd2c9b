"""A file system that knows names only, for the ``datasets`` library to resolve patterns on.

Its resolver globs over fsspec; given the listing that we have, it makes no request.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from fsspec import AbstractFileSystem, register_implementation

PROTOCOL = "mlcclisting"

ROOT = "repository"
"""The folder that stands for the repository, as ``org/name@sha`` does on the Hub's own system."""


class NamesFileSystem(AbstractFileSystem):  # type: ignore[misc]
    """Holds the names of files, given as the storage option ``names``; no content."""

    protocol = PROTOCOL
    cachable = False

    def __init__(self, names: Iterable[str] = (), **options: Any) -> None:
        super().__init__(**options)
        self._entries = _entries(tuple(names))

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        entry = self._entries.get(self._strip_protocol(path))
        if entry is None:
            raise FileNotFoundError(path)
        return entry

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        found = self.find(path, maxdepth=1, withdirs=True, detail=True)
        return list(found.values()) if detail else list(found)

    def find(
        self,
        path: str,
        maxdepth: int | None = None,
        withdirs: bool = False,
        detail: bool = False,
        **_: Any,
    ) -> Any:
        folder = self._strip_protocol(path)
        prefix = f"{folder}/" if folder else ""
        found = {
            name: entry
            for name, entry in self._entries.items()
            if name.startswith(prefix)
            and (withdirs or entry["type"] == "file")
            and (maxdepth is None or name[len(prefix) :].count("/") < maxdepth)
        }
        return found if detail else list(found)


@lru_cache(maxsize=2)
def _entries(names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Files and their folders as fsspec has them; kept, as every pattern makes a new system."""
    kinds: dict[str, str] = {}
    for name in names:
        parts = [ROOT, *name.split("/")]
        kinds.update(("/".join(parts[:depth]), "directory") for depth in range(1, len(parts)))
        kinds["/".join(parts)] = "file"
    return {path: {"name": path, "type": kind, "size": 0} for path, kind in kinds.items()}


def register() -> None:
    """Make the protocol known to fsspec; again is harmless."""
    register_implementation(PROTOCOL, NamesFileSystem, clobber=True)
