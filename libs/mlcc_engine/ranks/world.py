"""The place of this process among those of a job, as torchrun tells it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mlcc_core import MlccError

RANKS = "ranks"
"""Folder in a job's folder with one folder for each process but the first."""


@dataclass(frozen=True, slots=True)
class World:
    """The processes that train one job.

    Attributes:
        rank: of this process, from 0; the first one writes progress and output.
        size: how many there are.
        local: the rank among the processes of this machine, which picks its GPU.
    """

    rank: int = 0
    size: int = 1
    local: int = 0

    @property
    def leads(self) -> bool:
        """Return whether this process is the first, which alone writes for people."""
        return self.rank == 0

    def folder(self, job: Path) -> Path:
        """Return the folder that this process may write to: the job's, or one within it."""
        return job if self.leads else job / RANKS / str(self.rank)


def this_process() -> World:
    """Return the place of this process; the only one where torchrun did not start it."""
    said = (os.environ.get(name) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"))
    rank, size, local = (int(text) if text else None for text in said)
    return World(rank or 0, size or 1, rank or 0 if local is None else local)


def share(sequences: int, rows: int, processes: int) -> int:
    """Return how many sequences of an optimizer step each process takes.

    Args:
        sequences: of an optimizer step, over all processes.
        rows: of the dataset.
        processes: that train.

    Raises:
        MlccError: they cannot be shared out evenly, or there are more processes than rows.
    """
    if processes > rows:
        raise MlccError(
            f"{processes} processes are more than the dataset's rows, {rows}: "
            "each process needs a row of its own.",
            where="--processes",
            hint=f"pass --processes {_most(sequences, rows)}",
        )
    if sequences % processes:
        raise MlccError(
            f"{processes} processes cannot share out {sequences} sequences a step evenly, "
            "expected a divisor of the batch size.",
            where="--processes",
            hint=f"pass --batch-size {-(-sequences // processes) * processes}",
        )
    return sequences // processes


def _most(sequences: int, rows: int) -> int:
    """Return the most processes that each have a row, and as many sequences as the others."""
    return next(n for n in range(max(1, rows), 0, -1) if sequences % n == 0)
