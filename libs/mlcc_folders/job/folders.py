"""Job folders, ``.mlcc/jobs/<name>/``: where they are, and how one comes to be, once.

The output of a job lies in ``outputs/<name>/`` of the project; see
:mod:`mlcc_folders.job.outputs`.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core import JobNotFound, MlccError, PlatformError
from mlcc_core.helpers import (
    atomic_folder,
    close_matches,
    disk_errors,
    remove_old_drafts,
    restored_paths,
    write_atomically,
)
from mlcc_engine.checkpoint.store import FOLDER as CHECKPOINTS
from mlcc_engine.checkpoint.store import last_step
from mlcc_engine.ranks.world import RANKS
from mlcc_engine.request import WORK
from mlcc_folders.job import outputs
from mlcc_folders.job.progress import mark_beginning

JOB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}\Z")

TRACEBACK = "traceback.txt"
"""The engine's file of an error that it cannot explain."""

EXISTS_ERRNOS = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


@dataclass(frozen=True, slots=True)
class JobFolder:
    """The folder of one job.

    Attributes:
        path: absolute.
    """

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def request(self) -> Path:
        """Return the request as it was submitted, which the engine trains."""
        return self.path / "request.json"

    @property
    def proof(self) -> Path:
        """Return the plan's other marks of the job: fingerprints, and names as they were typed."""
        return self.path / "proof.json"

    @property
    def lock(self) -> Path:
        """Held by the job's process for as long as it lives."""
        return self.path / "lock"

    @property
    def stop(self) -> Path:
        """Exists once the job was asked to stop."""
        return self.path / "stop"

    @property
    def progress(self) -> Path:
        return self.path / "progress.jsonl"

    @property
    def warnings(self) -> Path:
        """List what people should know while the job runs, a line each."""
        return self.path / "warnings.txt"

    @property
    def result(self) -> Path:
        return self.path / "result.json"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def root(self) -> Path:
        """Return the project's folder."""
        return self.path.parents[2]

    @property
    def output(self) -> Path:
        """Return the place of what the job leaves; jobs of older projects kept it inside."""
        inside = self.path / "output"
        return inside if inside.is_dir() else outputs.place(self.root, self.name)


def jobs_folder(root: Path) -> Path:
    """Return the folder of the project's jobs."""
    return root.resolve() / ".mlcc" / "jobs"


def list_names(root: Path, prefix: str) -> list[str]:
    """Names of the project's jobs that start with ``prefix``, sorted."""
    folder = jobs_folder(root)
    if not folder.is_dir():
        return []
    with disk_errors(doing=f"read {folder}"):
        return sorted(
            entry.name
            for entry in folder.iterdir()
            if entry.name.startswith(prefix) and JOB_NAME.match(entry.name) and entry.is_dir()
        )


def find(root: Path, name: str) -> JobFolder:
    """The folder of the job ``name``.

    Raises:
        JobNotFound: there is none.
    """
    folder = JobFolder(jobs_folder(root) / name)
    if JOB_NAME.match(name) and folder.path.is_dir():
        return folder
    close = close_matches(name, list_names(root, ""))
    meant = f" Did you mean {close[0]!r}?" if close else ""
    raise JobNotFound(
        f"There is no job {name!r} in {jobs_folder(root)}.{meant}", hint="mlcc tune --status"
    )


def create(root: Path, name: str, body: Mapping[str, Any]) -> JobFolder:
    """Make the folder of a new job, with its request in it.

    Args:
        root: the project's folder.
        name: the job's.
        body: of the request; its part ``request`` is what the engine reads.

    The folder is filled under another name and renamed: the rename is the one moment in which
    the job comes to be. Of two processes one succeeds, and a folder without a request is never
    seen.

    Raises:
        MlccError: ``name`` is not a job name, or the place of its output is taken.
        PlatformError: a job of that name exists, or the disk refuses.
    """
    if not JOB_NAME.match(name):
        raise MlccError(
            f"{name!r} is not a job name: expected letters, digits, hyphens and underscores, "
            "beginning with a letter or digit, at most 128."
        )
    folder = JobFolder(jobs_folder(root) / name)
    with disk_errors(doing=f"create the job {name}"):
        if not folder.path.exists():
            outputs.prepare(folder.root, name)
        folder.path.parent.mkdir(parents=True, exist_ok=True)
        remove_old_drafts(folder.path.parent)
        try:
            with atomic_folder(folder.path) as draft:
                proof = {part: body[part] for part in body if part != "request"}
                write_synced(draft / folder.proof.name, proof)
                named = {"job": name, "output": str(folder.output)}
                write_synced(draft / folder.request.name, {**body["request"], **named})
        except OSError as error:
            if error.errno in EXISTS_ERRNOS and folder.path.exists():
                raise PlatformError(
                    f"The job {name} exists already; it is not started a second time.",
                    hint="mlcc tune --status",
                ) from None
            raise
    return folder


def reopen(folder: JobFolder) -> None:
    """Make the folder of a job that is cut off that of one which is about to begin.

    An output without a result is removed: whatever wrote it died before it could say so, and the
    last checkpoint makes it again. Paths are brought up to date, as the project may have moved.

    Raises:
        PlatformError: the request is damaged, or the disk refuses.
    """
    request = read_document(folder.request)
    if request is None:
        raise PlatformError(f"Cannot go on with the job: {folder.request} is damaged.")
    request = {**restored_paths(folder.root, request), "output": str(folder.output)}
    text = json.dumps(request, ensure_ascii=False, indent=2) + "\n"
    with disk_errors(doing=f"go on with the job {folder.name}"):
        # With a new time the job counts as about to begin, as it does without its lock.
        write_atomically(folder.request, text.encode())
        folder.lock.unlink(missing_ok=True)
        (folder.path / TRACEBACK).unlink(missing_ok=True)
        mark_beginning(folder.progress, last_step(folder.path) or 0)
        folder.result.unlink(missing_ok=True)
        outputs.remove(folder.output, folder.name)


def forget(folder: JobFolder) -> None:
    """Remove what a job that is over would go on from.

    Raises:
        PlatformError: the disk refuses.
    """
    with disk_errors(doing=f"remove the checkpoints of {folder.name}"):
        for name in (CHECKPOINTS, RANKS, WORK):
            if (folder.path / name).exists():
                shutil.rmtree(folder.path / name)


def remove(folder: JobFolder) -> tuple[str, ...]:
    """Remove the folder of a job that is over, and its output.

    Each is renamed first: a removal that is cut off leaves a draft, never half a job. The output
    goes first, so that the same command goes on.

    Returns:
        A line for the user on each.

    Raises:
        PlatformError: the disk refuses.
    """
    gone = folder.path.with_name(f".{folder.name}.{os.getpid()}-removed.partial")
    with disk_errors(doing=f"remove {folder.name}"):
        lines = outputs.remove(folder.output, folder.name)
        folder.path.rename(gone)
        shutil.rmtree(gone)
    return (*lines, f"Removed {folder.path}.")


def write_synced(path: Path, document: Mapping[str, object]) -> None:
    """Write a JSON document that survives a power cut once its folder is renamed."""
    with path.open("w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())


def read_document(path: Path) -> dict[str, Any] | None:
    """The JSON object in ``path``; ``None`` when there is none, or it is not one.

    Raises:
        PlatformError: the file is there and cannot be read.
    """
    try:
        document = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    except OSError as error:
        raise PlatformError(f"Cannot read {path}: {error.strerror}.") from None
    return document if isinstance(document, dict) else None
