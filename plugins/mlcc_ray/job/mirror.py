"""A copy of the small files of a job's folder in the project: ``.mlcc/jobs/<name>/``.

The states of jobs are read from there, by the code that reads those of jobs of this machine. Files
that never change are copied once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlcc_core import Context, JobNotFound
from mlcc_core.helpers import close_matches, disk_errors, write_atomically
from mlcc_engine.job_result import FILE as RESULT
from mlcc_folders.job.folders import JOB_NAME, JobFolder, jobs_folder, read_document
from mlcc_ray.settings import storage_of
from mlcc_ray.storage import Storage

JOBS = "jobs"
"""The folder of the storage with a folder for each job."""

REQUEST, PROOF = "request.json", "proof.json"
ONCE = (PROOF, REQUEST)
"""Files that never change; the request comes last, and makes the folder that of a job."""

PROGRESS = "progress.jsonl"
CHANGING = ("submissions.json", PROGRESS, "warnings.txt", "state.json", "stop", RESULT)
"""Files that come and change, in the order in which they are copied: the result comes last."""

SETTLED = ("completed", "stopped")
"""States from which no job goes on."""


class Mirror:
    """The copy of one job's folder.

    Args:
        context: the surroundings of the project.
        name: of the job.

    Attributes:
        storage: that the job is in.
        name: of the job.
        folder: the copy.
    """

    def __init__(self, context: Context, name: str) -> None:
        self.storage: Storage = storage_of(context)
        self.name = name
        self.folder = JobFolder(jobs_folder(context.root) / name)

    def path(self, name: str) -> str:
        """Return the path in the storage of a file of the job."""
        return f"{JOBS}/{self.name}/{name}"

    def settled(self) -> bool:
        """Return whether the copy says how the job ended, so that nothing needs to be asked."""
        result = read_document(self.folder.result)
        return result is not None and result.get("state") in SETTLED

    def bring(self) -> None:
        """Copy what is new.

        Raises:
            JobNotFound: the storage has no such job.
            PlatformError: it cannot be read, or the disk refuses.
        """
        if not JOB_NAME.match(self.name):
            raise self.not_found()
        there = self.folder.path
        for name in ONCE:
            if not (there / name).is_file():
                data = self.storage.read_or_none(self.path(name))
                if data is None:
                    raise self.not_found()
                self._write(name, data)
        self.refresh(*CHANGING)
        if not self.there():  # removed by another machine, or the storage is another one now
            raise self.not_found()

    def refresh(self, *names: str) -> None:
        """Copy some of the files that change, of a job whose folder is there.

        Raises:
            PlatformError: the storage cannot be read, or the disk refuses.
        """
        for name in names:
            data = self.storage.read_or_none(self.path(name))
            if data is not None:
                self._write(name, data)
            else:
                with suppress(FileNotFoundError):
                    (self.folder.path / name).unlink()

    def there(self) -> bool:
        """Return whether the storage has the job.

        Raises:
            PlatformError: it cannot be read.
        """
        return bool(JOB_NAME.match(self.name)) and (
            self.storage.size(self.path(REQUEST)) is not None
        )

    def state(self) -> Mapping[str, Any]:
        """Return the state that the job's own driver wrote last, with its time."""
        return read_document(self.folder.path / "state.json") or {}

    def date(self, began: float | None) -> None:
        """Give the copies the times of what they are copies of.

        Args:
            began: when the job was submitted last, in seconds since 1970.
        """
        ended = self.state().get("time")
        for path, moment in ((self.folder.request, began), (self.folder.result, ended)):
            if isinstance(moment, (int, float)):
                with suppress(OSError):
                    os.utime(path, (moment, moment))

    def not_found(self) -> JobNotFound:
        """Return the error for a name that no job of the storage has."""
        close = close_matches(self.name, list(self.storage.folders(JOBS)))
        meant = f" Did you mean {close[0]!r}?" if close else ""
        return JobNotFound(
            f"There is no job {self.name!r} in {self.storage.uri}.{meant}",
            hint="mlcc tune --status",
        )

    def _write(self, name: str, data: bytes) -> None:
        target: Path = self.folder.path / name
        with disk_errors(doing=f"note the state of {self.name}"):
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.is_file() or target.read_bytes() != data:
                write_atomically(target, data)


def as_bytes(document: Mapping[str, Any]) -> bytes:
    """Return a document as a file of the storage has it."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
