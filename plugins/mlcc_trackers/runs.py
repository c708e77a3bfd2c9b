"""Jobs, steps and evaluations in the words of trackers; without secrets and without rows."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from mlcc_core import SHOWN_METRICS, Context, Evaluation, Job, JobState, Progress
from mlcc_trackers.private import shown, shown_text
from mlcc_trackers.tracker import Point, TrackedRun

TAGGED = ("--technique", "--model")
"""Flags whose values are tags, and not settings as well."""

RECIPE = "trainer settings"
"""The key of what the recipe of the technique sets, among everything that was asked."""

STRANGE = re.compile(r"[^\w\-. /:]")
"""Characters that a tracker refuses in a name."""


def run_of(job: Job, context: Context) -> TrackedRun:
    """Return a job as trackers see it."""
    return TrackedRun(
        name=job.name,
        project=context.project,
        root=context.root,
        tags=_tags(
            *(job.name, job.technique, job.model, job.platform, job.dataset or ""), context.root
        ),
        settings=dict(_settings(job, context.root)),
    )


def evaluated_run(evaluation: Evaluation, context: Context) -> TrackedRun:
    """Return the run that an evaluation belongs to, or that stands for it alone."""
    name = evaluation.job or _name_of(evaluation.target, context.root)
    found = (evaluation.technique, evaluation.model, evaluation.platform, evaluation.dataset)
    tags = _tags(name, *found, context.root)
    return TrackedRun(name, context.project, context.root, tags)


def point_of(progress: Progress) -> Point:
    """Return the numbers of a step."""
    numbers = {"loss": progress.loss, "epoch": progress.epoch, **progress.metrics}
    return Point(progress.step or 0, time.time(), _finite(numbers))


def held_out_numbers(state: JobState) -> dict[str, float]:
    """Return what is known of held-out rows once a job is over: before, at best and after."""
    metrics = state.progress.metrics if state.progress is not None else {}
    further = (k for k in metrics if k.startswith("held_out_") and k not in SHOWN_METRICS)
    return _finite({name: metrics[name] for name in further})


def numbers_of(evaluation: Evaluation) -> dict[str, float]:
    """Return the results of an evaluation: ``eval/METRIC/difference``."""
    found: dict[str, float | None] = {}
    for result in evaluation.metrics:
        sides = {"target": result.mean, "against": result.against}
        interval = {"difference": result.difference, "low": result.low, "high": result.high}
        found |= {f"eval/{result.metric}/{k}": v for k, v in {**sides, **interval}.items()}
    return _finite(found)


def document_of(evaluation: Evaluation, root: Path) -> dict[str, object]:
    """Return an evaluation as JSON, without its rows, what may quote them, and local places."""
    document = dataclasses.asdict(dataclasses.replace(evaluation, rows=(), problems=()))
    for quoting in ("rows", "problems"):
        del document[quoting]
    plain: Mapping[str, object] = json.loads(json.dumps(document, default=str))
    return {key: shown(value, root) for key, value in plain.items()}


def _name_of(target: str, root: Path) -> str:
    """Return the name of an evaluation without a run; folders elsewhere may share theirs."""
    told = shown_text(target, root)
    elsewhere = told == Path(target).name != target
    mark = f"-{hashlib.sha256(target.encode()).hexdigest()[:8]}" if elsewhere else ""
    return re.sub(r"[^\w.-]+", "-", f"evaluation-{told}{mark}")


def _tags(
    name: str, technique: str, model: str, platform: str, dataset: str, root: Path
) -> dict[str, str]:
    tags = {
        "mlcc.job": name,
        "mlcc.technique": technique,
        "mlcc.model": model,
        "mlcc.platform": platform,
        "mlcc.dataset": dataset,
    }
    return {key: shown_text(value, root) for key, value in tags.items() if value}


def _settings(job: Job, root: Path) -> Iterator[tuple[str, object]]:
    """Yield each setting, and its origin: the flag that gave it, or the recipe."""
    for key, value in job.asked.items():
        if key == RECIPE and isinstance(value, Mapping):
            for name, own in value.items():
                yield from _setting(str(name), shown(own, root), "recipe")
        elif key not in TAGGED:
            name = re.sub(r"[ -]", "_", key.removeprefix("--set ").removeprefix("--"))
            origin = key.partition(" ")[0] if key.startswith("--") else "mlcc"
            yield from _setting(name, shown(value, root), origin)


def _setting(name: str, value: object, origin: str) -> Iterator[tuple[str, object]]:
    name = STRANGE.sub("_", name)
    yield name, value
    yield f"origin/{name}", origin


def _finite(numbers: Mapping[str, float | None]) -> dict[str, float]:
    return {
        STRANGE.sub("_", name): float(value)
        for name, value in numbers.items()
        if value is not None and math.isfinite(value)
    }
