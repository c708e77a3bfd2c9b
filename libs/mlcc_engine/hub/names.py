"""Names of models of the Hub: ``org/name``, or ``org/name@revision`` for one commit or branch."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?\Z", re.ASCII)
"""``name`` or ``org/name``, as huggingface_hub validates it."""

REVISION = re.compile(r"[A-Za-z0-9][\w./-]{0,127}\Z", re.ASCII)
COMMIT = re.compile(r"[0-9a-f]{40}\Z")

SNAPSHOT = re.compile(r"/models--([^/]+)/snapshots/([^/]+)/?\Z")
"""A folder of the Hub's cache: ``models--org--name/snapshots/COMMIT``."""

SHOWN_DIGITS = 8

PUBLIC = "https://huggingface.co"


def hub_address() -> str:
    """Return the address of the Hub, as the environment says now (``HF_ENDPOINT``).

    huggingface_hub's own default is what the environment said when it was first imported.
    """
    return (os.environ.get("HF_ENDPOINT") or PUBLIC).rstrip("/")


@dataclass(frozen=True, slots=True)
class HubName:
    """A repository of the Hub, and which of its revisions is meant.

    Attributes:
        id: ``org/name``.
        revision: a commit, branch or tag; ``None`` for the main branch as it is now.
    """

    id: str
    revision: str | None = None

    def __str__(self) -> str:
        return self.id if self.revision is None else f"{self.id}@{self.revision}"

    @property
    def commit(self) -> str | None:
        """Return the revision where it is a commit, which always means the same files."""
        return self.revision if self.revision and COMMIT.match(self.revision) else None


def parse(name: str) -> HubName | None:
    """Return the name of a model of the Hub; ``None`` for a text that can be none.

    Example:
        >>> parse("org/name@main")
        HubName(id='org/name', revision='main')
    """
    hub_id, at, revision = name.partition("@")
    if not ID.match(hub_id) or ".." in name or (at and not REVISION.match(revision)):
        return None
    return HubName(hub_id, revision or None)


def of_snapshot(source: str) -> HubName | None:
    """Return the name of the model in a folder of the Hub's cache; ``None`` for any other."""
    match = SNAPSHOT.search(Path(source).as_posix())
    return None if match is None else HubName(match[1].replace("--", "/", 1), match[2])


def shown(source: str) -> str:
    """Return what people call the model at ``source``: a Hub id for a folder of the cache."""
    found = of_snapshot(source)
    return source if found is None else found.id
