"""Values without the secret that an address may hold, and without places on this machine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from mlcc_core.helpers import shown_uri

USER = re.compile(r"//[^/@]*@")
"""The user and password of an address, which may be that of a database."""

FILE = re.compile(r"\Afile:(?://[\w.-]*)?(?=/)", re.IGNORECASE)
"""The beginning of a file's address, before its path."""


def shown_address(text: str) -> str:
    """Return a text as it is, an address without user and password."""
    return USER.sub("//", shown_uri(text))


def shown(value: object, root: Path) -> object:
    """Return a value as JSON has it, as another machine may know it.

    Args:
        value: a text, or texts in lists and mappings; others stay as they are.
        root: the project's folder: paths in it are told from there on, of others the last part.
    """
    if isinstance(value, str):
        return shown_text(value, root)
    if isinstance(value, Mapping):
        return {str(key): shown(each, root) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(each, root) for each in value]
    return value


def shown_text(text: str, root: Path) -> str:
    """Return a text as another machine may know it."""
    place = FILE.sub("", shown_address(text))
    if not place.startswith("/"):
        return place
    path = Path(place)
    for folder in (root, root.resolve()):
        if path.is_relative_to(folder):
            return str(path.relative_to(folder))
    return path.name
