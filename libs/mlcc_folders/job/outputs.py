"""Outputs of jobs, ``outputs/<job>/`` of the project: made room for, and removed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from mlcc_core import MlccError
from mlcc_core.helpers import atomic_folder, remove_old_drafts
from mlcc_core.helpers.hints import hint_kind, path_word
from mlcc_engine.start import lineage

FOLDER = "outputs"

GITIGNORE = "# The outputs of jobs, a folder each; mlcc runs remove JOB removes one.\n*\n"


def place(root: Path, job: str) -> Path:
    """Return the folder of a job's output."""
    return root / FOLDER / job


def prepare(root: Path, job: str) -> None:
    """Make the folder of all outputs, which git ignores, and see that there is room in it.

    Raises:
        MlccError: something else has the place of the job's output.
        OSError: the disk refuses.
    """
    folder, own = root / FOLDER, place(root, job)
    if folder.exists() and not folder.is_dir():
        raise _taken(folder, "is a file, expected the folder for outputs of jobs")
    if os.path.lexists(own) and not (own.is_dir() and not any(own.iterdir())):
        raise _taken(own, "exists, and no job of this project made it; it is not overwritten")
    if not folder.is_dir():
        try:
            with atomic_folder(folder) as draft:
                (draft / ".gitignore").write_text(GITIGNORE)
        except OSError:
            if not folder.is_dir():
                raise  # else another process was faster
    remove_old_drafts(folder)


def remove(folder: Path, job: str) -> tuple[str, ...]:
    """Remove the output of a job, if it is there; what another job made stays.

    Args:
        folder: in which the output of the job is, or would be.
        job: its name.

    Returns:
        A line for the user; none where nothing is there.

    Raises:
        OSError: the disk refuses.
    """
    if folder.parent.is_dir():
        remove_old_drafts(folder.parent, job)
    if folder.is_symlink():
        target = folder.readlink()
        folder.unlink()
        return (f"Removed the link {folder}; {target} stays.",)
    if not folder.is_dir():
        return ()
    written = lineage.read(folder)
    if written is not None and written.job != job:
        return (f"{folder} stays: it holds the output of {written.job}.",)
    gone = folder.with_name(f".{job}.{os.getpid()}-removed.partial")
    folder.rename(gone)
    shutil.rmtree(gone)
    return (f"Removed {folder}.",)


def _taken(path: Path, why: str) -> MlccError:
    return MlccError(f"{path} {why}.", hint=moved_away(path))


@hint_kind("what has the place of an output, moved away")
def moved_away(path: Path) -> str:
    """Return the command that gives a file or folder another name."""
    return f"mv {path_word(path)} {path_word(f'{path}.old')}"
