"""What a full or read-only disk says, in our words."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from mlcc_core.errors import MlccError, PlatformError

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


def disk_error(doing: str, error: OSError) -> MlccError:
    """The error for an ``OSError`` that came of ``doing``."""
    where = str(error.filename) if error.filename else None
    if error.errno in FULL:
        return PlatformError(
            f"Cannot {doing}: the disk is full.", where=where, hint="free some space: df -h ."
        )
    return PlatformError(f"Cannot {doing}: {error.strerror or error}.", where=where)
