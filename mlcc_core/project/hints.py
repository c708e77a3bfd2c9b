"""Commands about a project's folder and its ``do/config``, for hints."""

from __future__ import annotations

import shlex
from pathlib import Path

from mlcc_core.helpers.hints import hint_kind, path_word


@hint_kind("a project in a folder")
def init_command(folder: Path | str, *flags: str) -> str:
    """Return the command that makes a folder a project, or changes the settings of one.

    Args:
        folder: of the project.
        flags: as they are written behind it.
    """
    return " ".join(("mlcc init", path_word(folder), *flags))


@hint_kind("a config that is set aside for a new one")
def config_anew(path: Path) -> str:
    """Return the command that keeps a broken ``do/config`` under another name and writes one."""
    aside = path_word(f"{path}.broken")
    return f"mv {path_word(path)} {aside} && {init_command(path.parent.parent)}"


@hint_kind("a line of a file, in an editor")
def edit_hint(path: Path, line: int, what: str) -> str:
    """Return the command that opens ``path`` at ``line``, and what to do there."""
    return f"${{EDITOR:-vi}} +{line} {path_word(path)}   # {what}"


@hint_kind("a model of a platform's list, in the project's catalog")
def catalog_add(model: str, *flags: str) -> str:
    """Return the command that adds a row for a model to the project's ``catalog/``.

    Args:
        model: its id in the list.
        flags: as they are written behind it.
    """
    return " ".join(("mlcc catalog add", shlex.quote(model), *flags))


@hint_kind("an empty folder in the way, removed")
def removed_folder(path: Path) -> str:
    """Return the command that removes a folder that is empty."""
    return f"rmdir {path_word(path)}"
