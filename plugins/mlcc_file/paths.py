"""Paths of this machine: how they are shown, and the errors for those that cannot be read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from mlcc_core import MlccError, OtherUri
from mlcc_core.helpers import close_files, file_lines, is_data_file, usual_suffixes
from mlcc_core.helpers.hints import copied_path, hint_kind, looked_at, path_word
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
        hint=looked_at(path),
    )


def shown(path: Path) -> str:
    """A path as one printable piece of a line, whatever its name holds."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return text if text.isprintable() else repr(text)


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
            hint=_pointed(path),
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
    return MlccError(what, where=FLAG, hint=looked_at(parent), detail=detail)


@hint_kind("a link that points to the data")
def _pointed(path: Path) -> str:
    return f"ln -sfn DATA {path_word(path)}"


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
            hint=copied_path(path, "dataset.jsonl"),
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
