"""The files that a script run consists of: the script alone, or its folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

BLOCK = 1024 * 1024

LEFT_OUT = ("__pycache__",)
"""Folders that do not belong to a script, besides those whose name begins with a dot."""


def script_files(script: str | Path, *, folder: bool) -> Mapping[str, Path]:
    """Return the files of a script run, each by its place beside the script, in order.

    Files and folders whose names begin with a dot, and those of compiled Python, are left out;
    links to folders are not followed.

    Args:
        script: path of the script.
        folder: its whole folder is run, not the file alone.

    Raises:
        OSError: the folder cannot be read.

    Example:
        ``{"helpers/loss.py": Path("/work/helpers/loss.py"), "train.py": Path("/work/train.py")}``
    """
    path = Path(script)
    if not folder:
        return {path.name: path}
    return dict(sorted(_below(path.parent)))


def files_checksum(files: Mapping[str, Path]) -> str:
    """Return the SHA-256 of files, by their places and their content, in hexadecimal digits.

    That of a script alone is that of its file, whatever it is called.

    Raises:
        OSError: one cannot be read.
    """
    if len(files) == 1:
        return _checksum(*files.values())
    whole = hashlib.sha256()
    for place, path in sorted(files.items()):
        whole.update(f"{_checksum(path)} {place}\n".encode())
    return whole.hexdigest()


def _checksum(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def _below(root: Path) -> Iterator[tuple[str, Path]]:
    def refuse(error: OSError) -> None:
        raise error

    for folder, folders, names in os.walk(root, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in LEFT_OUT]
        for name in names:
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file():
                yield path.relative_to(root).as_posix(), path
