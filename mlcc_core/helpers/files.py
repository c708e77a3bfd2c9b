"""Files that are written under another name until they are whole; killed processes leave such."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

DRAFT = re.compile(r"\..+\.(\d+)-[^.]*\.partial\Z")
"""The process that writes a draft is part of its name."""


def new_draft(target: Path) -> Path:
    """A new empty file beside ``target``, for this process to write to and to rename.

    Raises:
        OSError: it cannot be made.
    """
    handle, name = tempfile.mkstemp(
        dir=target.parent, prefix=f".{target.name}.{os.getpid()}-", suffix=".partial"
    )
    os.close(handle)
    return Path(name)


def remove_old_drafts(folder: Path, name: str = "*") -> None:
    """Delete what killed processes left behind.

    Args:
        name: a pattern; drafts of files of other names stay.
    """
    for path in folder.glob(f".{name}.*.partial"):
        match = DRAFT.match(path.name)
        if match and not _lives(int(match[1])):
            path.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Replace ``path`` (or what it links to) by ``data``: readers see the old or the new, whole.

    Args:
        mode: permission bits; by default those of the file that is replaced, else 0o644.
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    if mode is None:
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
