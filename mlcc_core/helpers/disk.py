"""Refusals of the disk, as errors that a user can act on."""

from __future__ import annotations

import errno
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlcc_core.errors import PlatformError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def disk_error(error: OSError, path: Path | None = None) -> PlatformError:
    """The error for what the system refused, with the command that shows why.

    Args:
        path: what was worked on; ``None`` where only the error may know.
    """
    place = path or (Path(os.fsdecode(error.filename)) if _is_path(error.filename) else None)
    folder = shlex.quote(str(_nearest(place.parent) if place else "."))
    if error.errno in FULL:
        where = f": {place}" if place else ""
        return PlatformError(
            f"The disk is full{where}.", hint=f"df -h {folder}   # free some space, then try again"
        )
    said = error.strerror or str(error) or type(error).__name__
    if place is None:
        return PlatformError(f"{said}.", hint="mlcc doctor")
    return PlatformError(f"{place}: {said}.", hint=f"ls -ld {folder}")


def cannot_write(what: str, folder: Path, error: OSError) -> PlatformError:
    """The error for a file of ours that the system does not take, and the command that shows why.

    Args:
        what: begins the sentence ("The staged dataset").
        folder: where it was to be.
    """
    place = shlex.quote(str(folder))
    if error.errno in FULL:
        said, hint = "the disk is full", f"df -h {place}   # free some space, then run it again"
    else:
        said, hint = error.strerror or str(error), f"ls -ld {place}"
    return PlatformError(f"{what} cannot be written: {said}.", hint=hint)


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest above it that exists."""
    parents = (folder, *folder.parents)
    return next(
        filter(os.path.isdir, parents), folder
    )  # pathlib raises for a name that is too long


def _is_path(name: object) -> bool:
    return isinstance(name, (str, bytes)) and bool(name)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Around work on ``path``.

    Raises:
        PlatformError: in place of an ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise disk_error(error, path) from error
