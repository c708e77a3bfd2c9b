"""``progress.jsonl``: how far a job is, and when it will be done."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcc_core.job import Progress

WINDOW = 64 * 1024
"""Bytes at the end of the file that are read: some hundreds of steps, enough for a steady rate."""

KNOWN = ("step", "steps", "epoch", "epochs", "loss", "time")


def read_progress(path: Path, now: float | None = None) -> Progress | None:
    """The latest progress in ``path``; ``None`` before the first.

    The time left is the steps left at the pace of the lines read.

    Args:
        path: a file of JSON lines, appended to while it is read; half a last line is left out.
        now: seconds since 1970; ``None`` for a job that has ended.
    """
    lines = _tail(path)
    if not lines:
        return None
    last = lines[-1]
    metrics = {**_mapping(last.get("metrics")), **last}
    step, steps = _number(last.get("step")), _number(last.get("steps"))
    return Progress(
        step=None if step is None else int(step),
        steps=None if steps is None else int(steps),
        epoch=_number(last.get("epoch")),
        epochs=_number(last.get("epochs")),
        loss=_latest(lines, "loss"),
        seconds_left=None if now is None else _seconds_left(lines, now),
        metrics={
            name: number
            for name, value in metrics.items()
            if name not in KNOWN and (number := _number(value)) is not None
        },
    )


def _seconds_left(lines: list[dict[str, Any]], now: float) -> float | None:
    """At the pace between the first and the last line, as of ``now``."""
    timed = [
        (step, moment, _number(line.get("steps")))
        for line in lines
        if (step := _number(line.get("step"))) is not None
        and (moment := _number(line.get("time"))) is not None
    ]
    if not timed:
        return None
    (first, begun, _), (last, latest, steps) = timed[0], timed[-1]
    if steps is None or last <= first or latest <= begun:
        return None
    left = (steps - last) * (latest - begun) / (last - first)
    return max(0.0, left - max(0.0, now - latest))


def _latest(lines: list[dict[str, Any]], name: str) -> float | None:
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
