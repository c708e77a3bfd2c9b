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
