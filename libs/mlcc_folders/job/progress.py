"""``progress.jsonl``: how far a job is, and when it will be done."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlcc_core import Progress

WINDOW = 64 * 1024
"""Bytes at the end of the file that are read: some hundreds of steps, enough for a steady rate."""

HELD_OUT = "held_out_"
"""Beginning of the names of numbers that are measured on held-out rows."""

PROGRESS_FIELDS = ("step", "steps", "epoch", "epochs", "loss", "time")


def read_progress(path: Path, now: float | None = None) -> Progress | None:
    """The latest progress in ``path``; ``None`` before the first.

    The time left is the steps left at the pace of the lines read since training last began.

    Args:
        path: a file of JSON lines, appended to while it is read; half a last line is left out.
        now: seconds since 1970; ``None`` for a job that has ended.
    """
    return progress_in(_tail(path), now)


def progress_in(lines: Sequence[Mapping[str, Any]], now: float | None = None) -> Progress | None:
    """Return the progress of the last line, at the pace of all; ``None`` where there are none.

    Args:
        lines: documents of ``progress.jsonl``, in order.
        now: seconds since 1970; ``None`` for a job that has ended.
    """
    if not lines:
        return None
    last = lines[-1]
    metrics = {**_held_out(lines), **_mapping(last.get("metrics")), **last}
    step, steps = _number(last.get("step")), _number(last.get("steps"))
    pace = _pace(_since_it_began(lines))
    left = None
    if pace is not None and steps is not None and now is not None:
        left = pace.seconds_left(steps, now)
    return Progress(
        step=None if step is None else int(step),
        steps=None if steps is None else int(steps),
        epoch=_number(last.get("epoch")),
        epochs=_number(last.get("epochs")),
        loss=_latest(lines, "loss"),
        rate=pace.rate if pace else None,
        seconds_left=left,
        metrics={
            name: number
            for name, value in metrics.items()
            if name not in PROGRESS_FIELDS and (number := _number(value)) is not None
        },
    )


def with_numbers(progress: Progress | None, numbers: object) -> Progress | None:
    """Add the numbers of a result to the progress of a job that has ended."""
    if progress is None:
        return None
    added = {
        name: number
        for name, value in _mapping(numbers).items()
        if name not in PROGRESS_FIELDS and (number := _number(value)) is not None
    }
    return replace(progress, metrics={**progress.metrics, **added})


def read_steps(path: Path, after: int) -> list[Progress]:
    """The steps after ``after`` in ``path`` that were logged, in order, each once.

    The line that a training begins with has no numbers, and counts as no step. Half a last line is
    left for later.
    """
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
    except OSError:
        return []
    return steps_in([_object(line) or {} for line in lines], after)


def steps_in(lines: Iterable[Mapping[str, Any]], after: int) -> list[Progress]:
    """Return the steps after ``after``, as :func:`read_steps` does.

    Args:
        lines: documents of ``progress.jsonl``; of a step that was done twice the last one counts.
        after: a step.
    """
    steps: dict[int, Progress] = {}
    for values in lines:
        step, metrics = _number(values.get("step")), _mapping(values.get("metrics"))
        if step is None or step <= after or not ("loss" in values or metrics):
            continue
        progress = progress_in([values])
        if progress is not None:
            steps[int(step)] = progress
    return [steps[step] for step in sorted(steps)]


@dataclass(frozen=True, slots=True)
class Pace:
    """The speed of a job, between the first and the last line that were read.

    Attributes:
        rate: steps a second.
        step: of the last line.
        time: of the last line, in seconds since 1970.
    """

    rate: float
    step: float
    time: float

    def seconds_left(self, steps: float, now: float) -> float:
        """Until ``steps`` are done, as of ``now``."""
        left = (steps - self.step) / self.rate
        return max(0.0, left - max(0.0, now - self.time))


def mark_beginning(path: Path, step: int) -> None:
    """Add the line with which a training begins: what comes before it says nothing of its pace.

    Args:
        path: the file, which may not be there.
        step: that it goes on from.

    Raises:
        OSError: it cannot be written.
    """
    *_, last = [{}, *_tail(path)]
    line = {**last, "step": step, "metrics": {}}
    line.pop("loss", None)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps(line) + "\n")


def _since_it_began(lines: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    began = [
        at for at, line in enumerate(lines) if not ("loss" in line or _mapping(line.get("metrics")))
    ]
    return lines[began[-1] :] if began else lines


def _pace(lines: Sequence[Mapping[str, Any]]) -> Pace | None:
    """``None`` before two steps are known."""
    timed = [
        (step, moment)
        for line in lines
        if (step := _number(line.get("step"))) is not None
        and (moment := _number(line.get("time"))) is not None
    ]
    if len(timed) < 2:
        return None
    (first, begun), (last, latest) = timed[0], timed[-1]
    if last <= first or latest <= begun:
        return None
    return Pace((last - first) / (latest - begun), last, latest)


def _held_out(lines: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """Return the latest numbers of held-out rows, which few lines have."""
    return {
        name: value
        for line in lines
        for name, value in _mapping(line.get("metrics")).items()
        if name.startswith(HELD_OUT)
    }


def _latest(lines: Sequence[Mapping[str, Any]], name: str) -> float | None:
    values = (_number(line.get(name)) for line in reversed(lines))
    return next((value for value in values if value is not None), None)


def _tail(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            begin = file.seek(max(0, size - WINDOW))
            block = file.read(WINDOW)
    except OSError:
        return []
    raw = block.split(b"\n")
    found = [_object(line) for line in (raw[1:] if begin else raw)]
    return [line for line in found if line is not None]


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None
