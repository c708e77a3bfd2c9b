"""Paths inside a project, written down so that the project can be moved and copied.

Example:
    In the project ``/home/me/demo``, ``/home/me/demo/outputs/demo-1`` is stored as
    ``./outputs/demo-1``; paths outside it, names and URIs are stored as they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

STATE = ".mlcc"
"""The folder in a project for jobs, staged data and records."""

OUTPUTS = "outputs"
"""The folder in a project for the outputs of its jobs, each in a folder of the job's name."""

KEPT = (STATE, OUTPUTS)
"""Folders whose paths are mlcc's own, not a user's words."""

UNIQUE = ("jobs", "staged")
"""Folders of it in which a name stands for one content, in whichever copy of the project."""


def stored_path(root: Path, text: str, *, state_only: bool = False) -> str:
    """Return a path as it is written down: from the project's folder, if it is inside.

    Args:
        root: the project's folder.
        text: a path, or anything else, which stays as it is.
        state_only: change only paths into ``.mlcc`` and ``outputs``: other text may be a user's
            words.

    Example:
        ``/home/me/demo/outputs/demo-1`` is ``./outputs/demo-1``.
    """
    if not Path(text).is_absolute():
        return text
    path = Path(os.path.normpath(text))
    for folder in dict.fromkeys((root.absolute(), root.resolve())):
        inside = [folder / name for name in KEPT] if state_only else [folder]
        if any(path.is_relative_to(each) for each in inside):
            return f"./{path.relative_to(folder).as_posix()}"
    return text


def restored_path(root: Path, text: str, *, state_only: bool = False) -> str:
    """Return a path that :func:`stored_path` wrote down as it is now: absolute.

    Paths were once written down as absolute, and jobs still write theirs so. One into what a
    project keeps is looked up in this one, which may be that project under its new name, or its
    copy.
    """
    if text.startswith(tuple(f"./{name}/" for name in KEPT) if state_only else "./"):
        return str(root.resolve() / text)
    for name in KEPT:
        before, mark, inside = text.rpartition(f"/{name}/")
        if mark and before.startswith("/") and _is_here(root.resolve(), name, inside, text):
            return str(root.resolve() / name / inside)
    return text


def _is_here(root: Path, folder: str, inside: str, text: str) -> bool:
    """Return whether what once was in a folder of a project is in that folder of this one."""
    if not (inside and (root / folder / inside).exists()):
        return False
    if folder == OUTPUTS:  # a common name: the jobs of this project tell which outputs are meant
        return (root / STATE / "jobs" / inside.partition("/")[0]).is_dir()
    unique = inside.startswith(tuple(f"{name}/" for name in UNIQUE))
    return unique or not os.path.lexists(text)


def stored_paths(root: Path, data: Any) -> Any:
    """Return a JSON document with its paths into the project's state as they are written down."""
    return _each(data, lambda text: stored_path(root, text, state_only=True))


def restored_paths(root: Path, data: Any) -> Any:
    """Return a JSON document that :func:`stored_paths` made, with its paths as they are now."""
    return _each(data, lambda text: restored_path(root, text, state_only=True))


def _each(data: Any, change: Callable[[str], str]) -> Any:
    if isinstance(data, str):
        return change(data)
    if isinstance(data, list):
        return [_each(value, change) for value in data]
    if isinstance(data, dict):
        return {change(name): _each(value, change) for name, value in data.items()}
    return data
