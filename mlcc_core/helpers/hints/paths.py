"""Commands of a shell about a file or folder of this machine, whatever its name holds."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from mlcc_core.helpers.hints.kinds import hint_kind

_UNPRINTABLE = re.compile("[\udc80-\udcff\x01-\x1f\x7f]")
"""Bytes of a name that no strict terminal prints: those that are not UTF-8, and control signs."""


def path_word(path: Path | str) -> str:
    """Return a path as a word of a shell that can be printed anywhere and is read as that path.

    A byte that cannot be printed is ``?``, which a shell matches with it.

    Example:
        >>> path_word("my data.jsonl"), path_word("-x.jsonl")
        ("'my data.jsonl'", './-x.jsonl')
    """
    text = str(path)
    parts = _UNPRINTABLE.split(f"./{text}" if text.startswith("-") else text)
    return "?".join(shlex.quote(part) if part else "" for part in parts) or "''"


@hint_kind("a file in the way, removed")
def removed(path: Path, note: str = "") -> str:
    """Return the command that removes a file.

    Args:
        path: of the file.
        note: told behind it.
    """
    return _with_note(f"rm {path_word(path)}", note)


@hint_kind("a folder that is missing, made")
def made_folder(path: Path) -> str:
    """Return the command that makes a folder, and those above it."""
    return f"mkdir -p {path_word(path)}"


@hint_kind("a look at a file or folder")
def looked_at(path: Path, note: str = "") -> str:
    """Return the command that shows what is at a path, and who may read it.

    Args:
        path: of the file or folder.
        note: told behind it.
    """
    return _with_note(f"ls -la {path_word(path)}", note)


@hint_kind("the space that is left on a disk")
def free_space(path: Path, note: str = "") -> str:
    """Return the command that shows how full the disk of a folder is.

    Args:
        path: of the folder.
        note: told behind it.
    """
    return _with_note(f"df -h {path_word(path)}", note)


@hint_kind("a file, printed")
def shown_file(path: Path) -> str:
    """Return the command that prints a file."""
    return f"cat {path_word(path)}"


@hint_kind("what can be read once, as a file")
def copied_path(path: Path, to: str) -> str:
    """Return the command that writes to a file what a pipe or device gives.

    Args:
        path: of the pipe or device.
        to: the file's name.
    """
    return f"cat {path_word(path)} > {path_word(to)}   # then name {path_word(to)}"


@hint_kind("files that Git keeps elsewhere")
def pulled(folder: Path, command: str = "lfs pull") -> str:
    """Return the command that fetches large files in place of their pointers.

    Args:
        folder: within the repository.
        command: of Git that does it.
    """
    return f"git -C {path_word(folder)} {command}"


def _with_note(command: str, note: str) -> str:
    return f"{command}   # {note}" if note else command
