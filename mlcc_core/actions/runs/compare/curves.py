"""The numbers of a run over its steps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from mlcc_core.actions.runs.tracking import context_of
from mlcc_core.actions.session import Session
from mlcc_core.contract.job import SHOWN_METRICS, Progress, metric_title
from mlcc_core.errors import MlccError
from mlcc_core.project.records import RunRecord

DRAWN = ("loss", *SHOWN_METRICS, "learning_rate")
"""Metrics that are drawn, in this order; the further numbers of a trainer are not."""

POINTS = 400
"""Points of a curve at most: more cannot be seen."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """A number of a run over its steps.

    Attributes:
        metric: its name.
        title: the metric's words for people.
        points: step and value, in order.
    """

    metric: str
    title: str
    points: tuple[Point, ...]


def curves_of(session: Session, record: RunRecord) -> tuple[Curve, ...]:
    """Return the curves of a run; none where its platform does not tell the steps, or is silent.

    A number of held-out rows begins at step 0, with what was measured before training.
    """
    points: dict[str, list[Point]] = {name: [] for name in DRAWN}
    for name in DRAWN:
        before = record.metrics.get(f"{name}_before")
        if before is not None:
            points[name].append((0, before))
    for progress in _logged(session, record):
        for name, value in _numbers(progress):
            points[name].append((progress.step or 0, value))
    return tuple(
        Curve(name, metric_title(name), thinned(found))
        for name, found in points.items()
        if len(found) > 1
    )


def thinned(points: list[Point], most: int = POINTS) -> tuple[Point, ...]:
    """Return at most ``most`` points: the lowest and the highest of neighbours, in their order."""
    if len(points) <= most:
        return tuple(points)
    size = math.ceil(2 * len(points) / (most - 2))
    kept = {points[0], points[-1]}
    for start in range(0, len(points), size):
        part = points[start : start + size]
        kept |= {min(part, key=lambda p: p[1]), max(part, key=lambda p: p[1])}
    return tuple(sorted(kept))


def _logged(session: Session, record: RunRecord) -> Iterator[Progress]:
    try:
        runner = session.plugins.platform(record.platform).runner
        context = context_of(session.context, record)
        found = runner.progress_since(context, record.job, 0)
    except MlccError as error:
        session.say(f"⚠️  {record.job} has no curves: {error.what}")
        return
    yield from found or ()


def _numbers(progress: Progress) -> Iterator[tuple[str, float]]:
    known = {**progress.metrics, "loss": progress.loss}
    for name in DRAWN:
        value = known.get(name)
        if value is not None and math.isfinite(value):
            yield name, value
