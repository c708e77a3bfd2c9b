"""The evaluations of a job, as they are planned before it and within it."""

from __future__ import annotations

from pathlib import Path

from mlcc_engine.heldout import cadence
from mlcc_engine.request import Request
from mlcc_engine.train import rows
from mlcc_engine.train.trainers import Schedule


def work_of(plan: Schedule, held_out: int) -> cadence.Work:
    """Return the work of a training.

    Args:
        plan: its walk through the rows.
        held_out: how many rows are.
    """
    sequences, sampled = plan.batch * plan.samples, plan.samples > 1
    return cadence.Work(plan.steps, sequences, plan.micro_batch, held_out, sampled=sampled)


def planned_lines(request: Request, plan: Schedule) -> list[str]:
    """Describe the evaluations of a job before it starts; empty where it has no held-out rows."""
    if request.validation is None:
        return []
    held_out = sum(1 for _ in rows.read(Path(request.validation)))
    work = work_of(plan, held_out)
    return [cadence.in_words(work, cadence.every(request.eval_every, work, request.stop_early))]
