"""The evaluations of a job, as they are planned before it and within it."""

from __future__ import annotations

from pathlib import Path

from mlcc_engine.heldout import cadence
from mlcc_engine.request import Request
from mlcc_engine.train import rows
from mlcc_engine.train.trainers import Schedule


def measuring(request: Request, plan: Schedule, held_out: int) -> tuple[int, str]:
    """Return the steps between evaluations, and when they are in words.

    Args:
        request: of the job.
        plan: its walk through the rows.
        held_out: how many rows are.

    Raises:
        MlccError: ``--eval-every`` cannot be understood.
    """
    sequences = plan.batch * plan.samples
    work = cadence.Work(plan.steps, sequences, held_out, sampled=plan.samples > 1)
    interval = cadence.every(request.eval_every, work, request.stop_early)
    return interval, cadence.in_words(work, interval)


def planned_lines(request: Request, plan: Schedule) -> list[str]:
    """Describe the evaluations of a job before it starts; empty where it has no held-out rows."""
    if request.validation is None:
        return []
    held_out = sum(1 for _ in rows.read(Path(request.validation)))
    return [measuring(request, plan, held_out)[1]]
