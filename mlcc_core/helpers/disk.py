"""The disk: mlcc's own cache, and errors (full, read-only) with the command that shows why."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeGuard

from mlcc_core.errors import PlatformError
from mlcc_core.helpers.hints import free_space, looked_at

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def default_cache() -> Path:
    """Return the folder where mlcc keeps what it can make or fetch again.

    It is ``$MLCC_CACHE``, else ``mlcc`` in the user's cache.
    """
    if chosen := os.environ.get("MLCC_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mlcc"


def is_full(error: BaseException) -> bool:
    """Return True where the disk is full, or the quota used up.

    Libraries in Rust say the number in words alone: "(os error 28)".
    """
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return any(f"(os error {number})" in str(error) for number in FULL)


def disk_error(error: Exception, path: Path | None = None, *, doing: str = "") -> PlatformError:
    """Return the error for work that the system refused, with the command that shows why.

    Args:
        error: an ``OSError``, or what a library made of one.
        path: the file or folder that was worked on; ``None`` where only the error may know.
        doing: what failed, to follow "Cannot": ``"stage the dataset"``. Without it the message
            begins with the path.
    """
    name = error.filename if isinstance(error, OSError) else None
    place = path or (Path(os.fsdecode(name)) if _is_path(name) else None)
    folder = _nearest(place.parent) if place else Path()
    if is_full(error):
        at = f": {place}" if place else ""
        what = f"Cannot {doing}: the disk is full." if doing else f"The disk is full{at}."
        return PlatformError(what, hint=free_space(folder, "free some space, then try again"))
    said = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
    if doing:
        return PlatformError(f"Cannot {doing}: {said}.", where=str(place) if place else None)
    if place is None:
        return PlatformError(f"{said}.", hint="mlcc doctor")
    return PlatformError(f"{place}: {said}.", hint=looked_at(folder))


def cannot_write(what: str, folder: Path, error: OSError) -> PlatformError:
    """Return the error for a file of ours that cannot be written, with the command that shows why.

    Args:
        what: begins the sentence ("The staged dataset").
        folder: where it was to be.
        error: as the system raised it.
    """
    if is_full(error):
        said, hint = "the disk is full", free_space(folder, "free some space, then run it again")
    else:
        said, hint = error.strerror or str(error), looked_at(folder)
    return PlatformError(f"{what} cannot be written: {said}.", hint=hint)


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest above it that exists."""
    parents = (folder, *folder.parents)
    return next(
        filter(os.path.isdir, parents), folder
    )  # pathlib raises for a name that is too long


def _is_path(name: object) -> TypeGuard[str | bytes]:
    return isinstance(name, (str, bytes)) and bool(name)


@contextmanager
def disk_errors(path: Path | None = None, *, doing: str = "") -> Iterator[None]:
    """Turn an ``OSError`` of work on ``path``, or of what ``doing`` says, into an error for users.

    Raises:
        PlatformError: in place of it.
    """
    try:
        yield
    except OSError as error:
        raise disk_error(error, path, doing=doing) from error
