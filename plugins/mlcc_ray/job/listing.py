"""Jobs found by name, and the steps that they logged."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Context, Progress
from mlcc_folders.job.folders import JOB_NAME
from mlcc_folders.job.progress import read_steps
from mlcc_ray.job.mirror import JOBS, PROGRESS, REQUEST, Mirror
from mlcc_ray.settings import storage_of


def list_jobs(context: Context, prefix: str) -> Sequence[str]:
    """Return the names of all jobs in the storage that begin with ``prefix``.

    Raises:
        PlatformError: the storage cannot be read.
    """
    storage = storage_of(context)
    names = [name for name in storage.folders(JOBS) if name.startswith(prefix)]
    return [
        name
        for name in names
        if JOB_NAME.match(name) and storage.size(f"{JOBS}/{name}/{REQUEST}") is not None
    ]


def progress_since(context: Context, name: str, step: int) -> Sequence[Progress]:
    """Return every step after ``step`` that a job has logged, each once.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: the storage cannot be read.
    """
    mirror = Mirror(context, name)
    if not mirror.folder.request.is_file():
        mirror.bring()
    elif not mirror.settled():
        mirror.refresh(PROGRESS)
    return read_steps(mirror.folder.progress, step)
