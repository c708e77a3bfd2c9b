"""Held-out rows of a job, made ready before its trainer is: measured, or told why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlcc_engine.heldout import cadence, planned, rows
from mlcc_engine.heldout.callback import HeldOut, Timing
from mlcc_engine.heldout.history import History
from mlcc_engine.heldout.measure import measure_for
from mlcc_engine.request import Request
from mlcc_engine.train.progress import ProgressLog
from mlcc_engine.train.trainers import SAMPLES, Schedule, Trainer


def prepare(
    request: Request,
    kit: Trainer,
    plan: Schedule,
    dataset: Any | None,
    folder: Path,
    log: ProgressLog,
) -> HeldOut | None:
    """Return what measures the held-out rows of a job, and say when; ``None`` where nothing does.

    Args:
        request: of the job.
        kit: its trainer.
        plan: its walk through the rows.
        dataset: the held-out rows, if there are any.
        folder: of the job.
        log: told of every measure.

    Raises:
        MlccError: an option needs held-out rows that are measured.
    """
    if dataset is None:
        rows.refuse_unmeasured(request, "the job has no held-out rows.")
        return None
    print(*planned.planned_lines(request, kit, plan, len(dataset)), flush=True)
    if rows.obstacle(request, kit):
        return None
    work = planned.work_of(plan, len(dataset))
    interval = cadence.every(request.eval_every, work, request.stop_early)
    history = History(measure_for(sampled=SAMPLES in kit.fields), len(dataset))
    timing = Timing(interval, request.stop_early, work.batch)
    return HeldOut(folder, history, timing, request.seed, log)
