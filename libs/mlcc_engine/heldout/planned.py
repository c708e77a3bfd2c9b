"""The evaluations of a job, as they are planned before it and within it."""

from __future__ import annotations

from pathlib import Path

from mlcc_engine.heldout import cadence, rows
from mlcc_engine.request import Request
from mlcc_engine.train.rows import read
from mlcc_engine.train.trainers import Schedule, Trainer


def work_of(plan: Schedule, held_out: int) -> cadence.Work:
    """Return the work of a training.

    Args:
        plan: its walk through the rows.
        held_out: how many rows are.
    """
    sequences, sampled = plan.batch * plan.samples, plan.samples > 1
    return cadence.Work(plan.steps, sequences, plan.micro_batch, held_out, sampled=sampled)


def planned_lines(request: Request, kit: Trainer, plan: Schedule, held_out: int) -> list[str]:
    """Describe the evaluations of a job; empty where it has no held-out rows.

    Args:
        request: of the job.
        kit: its trainer.
        plan: its walk through the rows.
        held_out: how many rows are.

    Raises:
        MlccError: an option needs held-out rows that are measured.
    """
    if not held_out:
        return []
    if why := rows.obstacle(request, kit):
        rows.refuse_unmeasured(request, f"{why}.")
        return [f"Held-out rows are not measured: {why}."]
    work = work_of(plan, held_out)
    return [cadence.in_words(work, cadence.every(request.eval_every, work, request.stop_early))]


def count_rows(request: Request) -> int:
    """Return how many rows of a job are held out."""
    if request.validation is None:
        return 0
    return sum(1 for _ in read(Path(request.validation)))
