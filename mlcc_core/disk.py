"""What the disk refuses, as an error that a user can act on."""

from __future__ import annotations

import errno
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlcc_core.errors import PlatformError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def disk_error(error: OSError, path: Path) -> PlatformError:
    """The error for what went wrong at ``path``, with the command that shows why."""
    place = error.filename or path
    if error.errno in FULL:
        return PlatformError(
            f"The disk is full: {place}.",
            hint=f"df -h {shlex.quote(str(path.parent))}   # free some space, then run it again",
        )
    return PlatformError(
        f"{path}: {error.strerror or error}.", hint=f"ls -ld {shlex.quote(str(path.parent))}"
    )


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
