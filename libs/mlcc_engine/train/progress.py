"""``JOBDIR/progress.jsonl``: one JSON line for every step that the trainer logs."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mlcc_core import JobError, Progress
from mlcc_core.helpers import write_atomically
from mlcc_engine.heldout.measure import in_our_words
from mlcc_engine.listener import Listener
from mlcc_engine.train.learning import Signs

FILE = "progress.jsonl"
WARNINGS = "warnings.txt"
"""Beside it: what people should know while the job runs, a line each."""

PROGRESS_FIELDS = ("loss", "learning_rate", "epoch")


class ProgressLog(TrainerCallback):
    """Appends what the trainer logs to a file and tells the listener.

    It stops a training that has diverged, or that the listener wants to stop.

    A line holds ``time`` (seconds since 1970), ``step``, ``steps``, ``epoch``, ``epochs``,
    ``loss`` and ``learning_rate`` where known, and ``metrics`` with every other number: ``reward``,
    ``margin``, ``accuracy``, their like of held-out rows, and further ones by the trainer's own
    name.

    Attributes:
        metrics: the numbers of the last line.
        beside: numbers for the next line, from elsewhere than the trainer's report.
        signs: that nothing is learned.
        listener: told of every line with numbers.
    """

    def __init__(self, folder: Path, signs: Signs, listener: Listener) -> None:
        self.path = folder / FILE
        self.signs = signs
        self.listener = listener
        self.metrics: dict[str, float] = {}
        # Lines keep their distance whatever is done to the clock meanwhile.
        self._clock = time.time() - time.monotonic()
        self.beside: dict[str, float] = {}

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.append(state, {})

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        numbers = {
            name: float(value)
            for name, value in (logs or {}).items()
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        }
        if "train_runtime" in numbers or "eval_runtime" in numbers:
            return
        self.append(state, {**in_our_words(numbers), **self.beside})
        self.beside = {}
        for warning in self.signs.add(numbers):
            self.warn(warning)
        loss = numbers.get("loss")
        if loss is not None and not math.isfinite(loss):
            raise JobError(
                f"The loss became {loss} at step {state.global_step} of {state.max_steps}: "
                "the training has diverged, nothing of it was kept.",
                hint="use a smaller --learning-rate",
            )

    def on_substep_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.listener.check()

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.listener.check()

    def warn(self, warning: str) -> None:
        """Tell people something while the job runs."""
        with suppress(OSError), self.path.with_name(WARNINGS).open("a", encoding="utf-8") as file:
            file.write(" ".join(warning.split()) + "\n")
        print(f"⚠️  {warning}", flush=True)

    def memory(self) -> dict[str, Any]:
        """Return what a training that goes on later has to know of itself."""
        return {"metrics": self.metrics, **self.signs.memory()}

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Take back what :meth:`memory` returned."""
        self.metrics = dict(memory["metrics"])
        self.signs.remember(memory)

    def rewind(self, step: int) -> None:
        """Drop the lines after ``step``, which is gone on from, so that none is written twice."""
        if self.path.exists():
            kept = [line for line in self.path.read_bytes().splitlines() if _until(line, step)]
            write_atomically(self.path, b"".join(line + b"\n" for line in kept))

    def append(self, state: TrainerState, numbers: dict[str, float]) -> None:
        """Write one line, and say it in words on standard output."""
        finite = {name: value for name, value in numbers.items() if math.isfinite(value)}
        line: dict[str, Any] = {
            "time": self._clock + time.monotonic(),
            "step": state.global_step,
            "steps": state.max_steps,
            "epoch": finite.get("epoch", state.epoch or 0.0),
            "epochs": state.num_train_epochs,
        }
        line |= {name: finite[name] for name in PROGRESS_FIELDS if name in finite}
        line["metrics"] = {
            name: value for name, value in finite.items() if name not in PROGRESS_FIELDS
        }
        with self.path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        if numbers:
            self.metrics = finite
            print(in_words(line), flush=True)
            self.listener.on_progress(as_progress(line))


def _until(line: bytes, step: int) -> bool:
    """Return whether a line tells of ``step`` or an earlier one; damaged ones tell of none."""
    try:
        return bool(json.loads(line)["step"] <= step) and step > 0
    except (ValueError, TypeError, KeyError):
        return False


def as_progress(line: dict[str, Any]) -> Progress:
    """Return a line of progress as the call-back of the engine takes it."""
    others = {name: line[name] for name in PROGRESS_FIELDS if name in line}
    return Progress(
        step=line["step"],
        steps=line["steps"],
        epoch=line["epoch"],
        epochs=line["epochs"],
        loss=others.pop("loss", None),
        metrics={**line["metrics"], **others},
    )


def in_words(line: dict[str, Any]) -> str:
    """A line of progress for people: ``step 3 of 40 · epoch 1.5 of 20 · loss 0.4321``."""
    parts = [
        f"step {line['step']} of {line['steps']}",
        f"epoch {line['epoch']:.2f} of {line['epochs']}",
    ]
    parts += [f"{title} {value:.4f}" for title, value in as_progress(line).shown()]
    return " · ".join(parts)
