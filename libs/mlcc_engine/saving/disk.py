"""The disk that a path is on, though the path itself may be yet to come."""

from __future__ import annotations

import shutil
from pathlib import Path


def existing(path: Path) -> Path:
    """Return the path, or the closest folder above it that exists."""
    return next(above for above in (path, *path.parents) if above.exists())


def free_at(path: Path) -> int:
    """Return the free bytes of the disk that ``path`` is on, or will be.

    Raises:
        OSError: it cannot be looked at.
    """
    return shutil.disk_usage(existing(path)).free
