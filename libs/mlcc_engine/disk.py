"""Errors of a full or read-only disk, in our words."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from mlcc_core import MlccError, PlatformError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def disk_errors(doing: str) -> Iterator[None]:
    """Turn an ``OSError`` of the block into a :class:`PlatformError`.

    Args:
        doing: what the block does, to follow "Cannot": ``"stage the dataset"``.
    """
    try:
        yield
    except OSError as error:
        raise disk_error(doing, error) from None


def disk_error(doing: str, error: Exception) -> MlccError:
    """The error for what came of ``doing``: an ``OSError``, or what a library made of one."""
    if is_full(error):
        return PlatformError(f"Cannot {doing}: the disk is full.", hint="free some space: df -h .")
    where = str(error.filename) if isinstance(error, OSError) and error.filename else None
    said = (isinstance(error, OSError) and error.strerror) or error
    return PlatformError(f"Cannot {doing}: {said}.", where=where)


def is_full(error: Exception) -> bool:
    """Return whether the disk is full, or the quota.

    Rust libraries say the number in words alone.
    """
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return any(f"(os error {number})" in str(error) for number in FULL)
