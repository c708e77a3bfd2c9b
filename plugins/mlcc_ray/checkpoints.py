"""The checkpoints of a job in the storage: ``jobs/NAME/checkpoints/rank-R/step-N/``.

Each worker writes its own, as fast as it can. A training goes on from a step alone of which every
worker has a whole one.
"""

from __future__ import annotations

from mlcc_engine.checkpoint.store import MANIFEST, NAME
from mlcc_ray.storage import Storage

FOLDER = "checkpoints"


def path_of(job: str, rank: int, step: int | None = None) -> str:
    """Return the path of a worker's checkpoint, or of the folder with all of them."""
    folder = f"jobs/{job}/{FOLDER}/rank-{rank}"
    return folder if step is None else f"{folder}/step-{step}"


def steps(storage: Storage, job: str, rank: int) -> list[int]:
    """List the steps of the whole checkpoints of a worker, in order.

    Raises:
        PlatformError: the storage cannot be read.
    """
    names = storage.folders(path_of(job, rank))
    found = [int(match[1]) for name in names if (match := NAME.match(name))]
    return sorted(step for step in found if _is_whole(storage, path_of(job, rank, step)))


def common(storage: Storage, job: str, workers: int) -> list[int]:
    """List the steps of which all workers have whole checkpoints, in order.

    Raises:
        PlatformError: the storage cannot be read.
    """
    found = set(steps(storage, job, 0))
    for rank in range(1, workers):
        found &= set(steps(storage, job, rank)) if found else set()
    return sorted(found)


def _is_whole(storage: Storage, path: str) -> bool:
    """Return whether a checkpoint is whole: as the engine writes it, and as it is copied."""
    return storage.size(f"{path}/{MANIFEST}") is not None and storage.is_whole(path)
