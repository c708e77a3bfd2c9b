"""The base of an adapter, found on this machine: outputs themselves name no place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlcc_core.helpers import restored_path
from mlcc_engine.base import bases
from mlcc_engine.start import lineage
from mlcc_folders.job.folders import JOB_NAME, JobFolder, jobs_folder, read_document


def record_of(adapter: Path, root: Path) -> Mapping[str, Any] | None:
    """Return what is written beside an adapter, with the place of its base.

    Args:
        adapter: its folder.
        root: the project's folder: of a base that was a folder, the requests of the project's jobs
            tell the place, which becomes ``asked``; ``None`` where they do not.

    Returns:
        ``None`` for an adapter that was made elsewhere.
    """
    record = bases.read(adapter)
    if record is None or not record.get("folder"):
        return record
    return {**record, "asked": next(_places(adapter, record, root), None)}


def _places(adapter: Path, record: Mapping[str, Any], root: Path) -> Iterator[str]:
    """Yield where the base was when the adapter was trained, or where the job that made it left it.

    A place that is gone is better than none, for the error.
    """
    written = lineage.read(adapter)
    made = _job(root, record.get("run"))
    if made is not None and made.output.is_dir():
        yield str(made.output)
    job = _job(root, written and written.job)
    request = None if job is None else read_document(job.request)
    model = (request or {}).get("model")
    if isinstance(model, str) and Path(model).is_absolute():
        yield restored_path(root, model)


def _job(root: Path, name: object) -> JobFolder | None:
    if not isinstance(name, str) or not JOB_NAME.match(name):
        return None
    folder = JobFolder(jobs_folder(root) / name)
    return folder if folder.path.is_dir() else None


def place_of(root: Path, job: str | None) -> str | None:
    """Return where the output of a job of this project is; ``None`` where it is not."""
    folder = _job(root, job)
    return str(folder.output) if folder is not None and folder.output.is_dir() else None
