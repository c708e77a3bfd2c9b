"""Addresses of the Hub's pages, which people copy where a Hub id is asked for."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from mlcc_core import MlccError
from mlcc_folders.model.naming import FLAG, renamed

HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co", "hf-mirror.com")

NO_MODELS = ("datasets", "spaces", "collections", "papers", "docs", "blog", "posts", "learn")
"""First parts of paths of the Hub that lead to something else than a model."""


def check_no_address(name: str, where: str, root: Path) -> None:
    """Refuse the address of a page or repository of the Hub.

    Args:
        name: as the user typed it: ``https://huggingface.co/org/name/tree/main``,
            ``hf.co/org/name``, ``hf://org/name``, ``git@hf.co:org/name``.
        where: the flag, or the variable of the project.
        root: of the project.

    Raises:
        MlccError: it is one; the hint is the Hub id.
    """
    path = _path_on_hub(name)
    if path is None:
        return
    parts = [part.removesuffix(".git") for part in path.split("/") if part]
    if parts[:1] == ["models"]:
        parts = parts[1:]
    if not parts or parts[0] in NO_MODELS:
        raise MlccError(
            f"{name!r} is not the address of a model, expected a Hub id (org/name).",
            where=where,
            hint=renamed(f"{FLAG} ORG/NAME", where, root),
        )
    hub_id = "/".join(parts[:2])
    raise MlccError(
        f"{name!r} is an address, expected the Hub id in it: {hub_id}.",
        where=where,
        hint=renamed(f"{FLAG} {hub_id}", where, root),
    )


def _path_on_hub(name: str) -> str | None:
    """The path after the Hub's host; ``None`` for anything but an address of the Hub."""
    if name.startswith("hf://"):
        return name.removeprefix("hf://")
    if match := re.match(r"git@(?:hf\.co|huggingface\.co):(.*)", name):
        return match[1]
    try:
        own = urlsplit(os.environ.get("HF_ENDPOINT", "")).netloc
        found = urlsplit(name if "://" in name else f"https://{name}")
    except ValueError:
        return None
    if "://" not in name and found.netloc not in HOSTS:
        return None
    if found.scheme not in ("http", "https") or found.netloc not in {*HOSTS, own} - {""}:
        return None
    return re.sub(r"/(tree|blob|resolve|discussions|commits?)(/.*)?\Z", "", found.path)
