"""The place of an export: free, outside the project's state, and filled in one step."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlcc_core.actions.export.request import GGUF, ExportRequest
from mlcc_core.actions.session import Session
from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import atomic_files, atomic_folder, remove_old_drafts

BESIDE = ".Modelfile"
"""The ending of the file that comes with one in GGUF."""


@dataclass(frozen=True)
class Destination:
    """The place of an export.

    Attributes:
        path: of the folder, or of the file; absolute.
        is_file: it is a file, which others lie beside.
    """

    path: Path
    is_file: bool

    @property
    def folder(self) -> Path:
        """Return the folder in which the files lie."""
        return self.path.parent if self.is_file else self.path

    @property
    def name(self) -> str:
        """Return what is written is called by other programs."""
        return self.path.stem if self.is_file else self.path.name

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """Yield a folder whose content appears at the place when the block ends well.

        Raises:
            PlatformError: the disk refuses; nothing is left behind.
        """
        with disk_errors(doing=f"write {self.path}"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            remove_old_drafts(self.path.parent, self.path.name)
            opened = atomic_files(self.path) if self.is_file else atomic_folder(self.path)
            with opened as folder:
                yield folder


def find_destination(session: Session, request: ExportRequest) -> Destination:
    """Return the place that a request names.

    Raises:
        MlccError: it holds something, or is the project's own.
    """
    path = request.to.expanduser().absolute()
    place = Destination(path, path.suffix == GGUF)
    state = session.project.state_folder.resolve()
    if path.resolve().is_relative_to(state):
        raise MlccError(
            f"--to {request.to} is in {state.name}, which mlcc keeps for itself.",
            where="--to",
            hint=request.command_line(to=Path("exported") / path.name),
        )
    for taken in (path, path.with_suffix(BESIDE)) if place.is_file else (path,):
        if taken.exists() and (place.is_file or not taken.is_dir() or any(taken.iterdir())):
            other = path.with_name(f"{path.stem}-2{path.suffix}")
            what = "exists" if place.is_file or not taken.is_dir() else "is not empty"
            raise MlccError(
                f"{taken} {what}; nothing is overwritten.",
                where="--to",
                hint=request.command_line(to=request.to.with_name(other.name)),
            )
    return place


def remove(folder: Path, names: tuple[str, ...]) -> None:
    """Remove what is not published from a draft."""
    for name in names:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
