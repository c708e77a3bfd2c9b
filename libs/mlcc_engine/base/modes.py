"""The modes of files and folders that are made under other names, or by other libraries."""

from __future__ import annotations

from pathlib import Path

PERMISSIONS = 0o777


def as_made_here(folder: Path) -> None:
    """Give a folder and all in it the modes that new files and folders have where it is.

    A temporary folder is closed to others, and safetensors closes the files that it writes; the
    user's umask (or the folder's own default) says what is meant.

    Raises:
        OSError: the disk refuses.
    """
    probe = folder / ".probe"
    probe.mkdir()
    of_folders = probe.stat().st_mode & PERMISSIONS
    probe.rmdir()
    probe.touch()
    of_files = probe.stat().st_mode & PERMISSIONS
    probe.unlink()
    for path in (*folder.rglob("*"), folder):
        if not path.is_symlink():
            path.chmod(of_folders if path.is_dir() else of_files)
