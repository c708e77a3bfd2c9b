"""Paths of this machine: how they are shown, and the errors for those that cannot be read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from mlcc_core import MlccError, OtherUri
from mlcc_core.helpers import close_files, file_lines, is_data_file, usual_suffixes
from mlcc_file.address import FLAG

KIND_BY_FILE_TYPE = {
    stat.S_IFIFO: "a pipe (FIFO)",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
}


def unreadable(path: Path, error: OSError) -> MlccError:
    """The error for a path that the system refuses."""
    return MlccError(
        f"{shown(path)} cannot be read: {error.strerror or error}.",
        where=FLAG,
        hint=f"check it with: ls -la {quoted(path)}",
    )


def shown(path: Path) -> str:
    """A path as one printable piece of a line, whatever its name holds."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return text if text.isprintable() else repr(text)


def quoted(path: Path) -> str:
    """A path as a word that a shell takes as it is."""
    import shlex

    return shlex.quote(text_of(path))


def text_of(path: Path) -> str:
    """A path as text that can be printed, whatever bytes its name has."""
    return os.fsencode(path).decode("utf-8", "replace")


def mode_of(path: Path) -> int:
    """Return the mode of what is at a path.

    Raises:
        MlccError: nothing is there, or it cannot be looked at.
    """
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise missing(path) from None
    except OSError as error:
        raise unreadable(path, error) from error


def missing(path: Path) -> MlccError:
    """Return the error for a path at which nothing is; it names what is close to it."""
    if path.is_symlink():
        return MlccError(
            f"{shown(path)} is a link to {str(path.readlink())!r}, which does not exist.",
            where=FLAG,
            hint=f"make the link point to the data: ln -sf <data> {quoted(path)}",
        )
    parent = path.parent
    while not parent.is_dir():
        path, parent = parent, parent.parent
    siblings = sorted(entry.name for entry in _entries(parent))
    data = [name for name in siblings if is_data_file(name)]
    close = close_files(path.name, siblings)
    meant = f" Did you mean {' or '.join(repr(name) for name in close)}?" if close else ""
    what = f"{shown(path)} does not exist.{meant}"
    detail = (f"Data files in {shown(parent)}:", *file_lines(data)) if data else ()
    if close:
        return OtherUri(what, where=FLAG, uri=text_of(parent / close[0]), detail=detail)
    return MlccError(what, where=FLAG, hint=f"ls {quoted(parent)}", detail=detail)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def check_regular(path: Path, mode: int) -> None:
    """Check that a path is of a file that can be read, more than once.

    Raises:
        MlccError: it is of something else, or may not be read.
    """
    if not stat.S_ISREG(mode):
        kind = KIND_BY_FILE_TYPE.get(stat.S_IFMT(mode), "no regular file")
        raise MlccError(
            f"{shown(path)} is {kind}; a dataset is read more than once, so it must be a file.",
            where=FLAG,
            hint=f"save it first: cat {quoted(path)} > dataset.jsonl",
        )
    if not os.access(path, os.R_OK):
        raise unreadable(path, PermissionError(13, "permission denied"))


def empty(path: Path) -> MlccError:
    """Return the error for a folder without data files; it lists what is there."""
    others = sorted(entry.name for entry in _entries(path))
    return MlccError(
        f"{shown(path)} holds no data file.",
        where=FLAG,
        hint=f"put {usual_suffixes()} files there, or name one file",
        detail=("It holds:", *file_lines(others)) if others else ("It is empty.",),
    )
