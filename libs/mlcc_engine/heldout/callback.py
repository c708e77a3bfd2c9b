"""Measures held-out rows while a training runs, keeps the best weights, and stops it in time."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mlcc_core import MlccError
from mlcc_core.helpers import is_out_of_memory, one_line
from mlcc_engine.heldout import evaluation
from mlcc_engine.heldout.best import BestWeights
from mlcc_engine.heldout.cadence import REPLIES
from mlcc_engine.heldout.history import History, Point
from mlcc_engine.heldout.measure import held_out_words
from mlcc_engine.ranks.agreeing import gathered
from mlcc_engine.ranks.world import this_process
from mlcc_engine.train.progress import ProgressLog


@dataclass(frozen=True, slots=True)
class Timing:
    """The moments at which held-out rows are measured, and the size of their batches.

    Attributes:
        interval: steps from one evaluation to the next.
        patience: evaluations without a better one after which the training stops; ``None`` for
            never.
        batch: sequences that go through the model at once.
    """

    interval: int
    patience: int | None
    batch: int


class HeldOut(TrainerCallback):
    """Measures the model on held-out rows before the first step, every so often, and at the end.

    Args:
        folder: of the job; takes the best weights.
        history: takes the measures.
        timing: of the evaluations.
        seed: of what evaluations sample.
        log: told of every measure.

    Attributes:
        history: all measures so far; a checkpoint keeps it.
        stopped_at: the step at which the training was stopped early.
    """

    def __init__(
        self, folder: Path, history: History, timing: Timing, seed: int, log: ProgressLog
    ) -> None:
        self.history = history
        self.stopped_at: int | None = None
        self._seconds = 0.0
        self._best = BestWeights(folder)
        self._timing = timing
        self._seed = seed
        self._log = log
        self._works = True
        self._trainer: Any = None
        self._rewards: Any = None
        self._began = 0.0
        self._step = 0
        """Of the weights that the model has."""

    def attach(self, trainer: Any, rewards: Any) -> None:
        """Take the trainer, which is made after its call-backs, and its reward function if any."""
        self._trainer, self._rewards = trainer, rewards
        trainer.args.per_device_eval_batch_size = self._timing.batch

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self._began = time.monotonic()
        if state.global_step == 0:
            measured = self._measure(0)
            if measured:
                self._log.append(state, measured)
                print(f"measuring the held-out rows takes {self._seconds:.2g} s", flush=True)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        step, last = state.global_step, state.global_step >= state.max_steps
        self._step = step
        if not self._works or not (last or step % self._timing.interval == 0):
            return
        measured = self._measure(step)
        if not measured:
            return
        # One line of progress a step: the trainer's own numbers of this step come with ours.
        self._log.beside = measured
        control.should_log = True
        best = self.history.best
        if best is not None and best.step == step and not last:
            self._best.keep(self._trainer.model, step)
        patience = self._timing.patience
        if patience is not None and self.history.waited >= patience and not last:
            self.stopped_at = step
            control.should_training_stop = True

    def memory(self) -> dict[str, Any]:
        """Return what a training that goes on later has to know, as JSON has it."""
        return {
            **self.history.memory(),
            "stopped_at": self.stopped_at,
            "works": self._works,
            "step": self._step,
        }

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Take back what :meth:`memory` returned."""
        self.history.remember(memory)
        self.stopped_at, self._works = memory["stopped_at"], memory["works"]
        self._step = memory["step"]

    def finish(self) -> None:
        """Give the trained model its best weights, and say which they are."""
        best = self.history.best
        if best is None:
            return
        lines = [f"{self.history.measure.title} {self.history.summary()}"]
        if self._seconds:
            share = self._seconds / (time.monotonic() - self._began)
            lines.append(f"measuring the held-out rows took {share:.0%} of the time")
        if self.stopped_at is not None:
            lines.append(f"stopped early {self._why_stopped()}")
        print(*lines, sep="\n", flush=True)
        if best.step == self._step:
            return
        if self._best.put_back(self._trainer.model, best.step):
            print(f"kept: the weights of step {best.step}, not of {self._step}", flush=True)
            self._step = best.step
        else:
            self._log.warn(f"The weights of step {best.step} are gone: the last ones are kept.")

    def forget(self) -> None:
        """Remove the copy of the best weights, once they are in the output."""
        self._best.forget()

    def details(self) -> dict[str, str]:
        """Return what people are told of the held-out rows when the job has ended."""
        summary = self.history.summary()
        if summary is None:
            return {}
        found = {self.history.measure.title: summary}
        if self.stopped_at is not None:
            found["stopped early"] = self._why_stopped()
        return found

    def _why_stopped(self) -> str:
        return f"at step {self.stopped_at}, no better in {self._timing.patience} evaluations"

    def _measure(self, step: int) -> dict[str, float]:
        """Measure the rows; return the numbers by our words, empty where that cannot be done."""
        began = time.monotonic()
        try:
            point = self._point(step)
        except MlccError:
            raise
        except Exception as error:
            if is_out_of_memory(error):
                raise
            return self._give_up(one_line(error))
        self._seconds += time.monotonic() - began
        if point is None:
            return self._give_up("the trainer reports no measure of them")
        if not math.isfinite(point.value):
            self._log.warn(f"{self.history.measure.title.capitalize()} is {point.value}.")
            return {}
        self.history.add(point)
        return {self.history.measure.name: point.value, **point.beside}

    def _give_up(self, why: str) -> dict[str, float]:
        self._works = False
        self.history.points.clear()  # the weights to come would never be the best
        self._log.warn(f"Held-out rows are not measured: {why}")
        return {}

    def _point(self, step: int) -> Point | None:
        heard: list[float | None] = []
        if self._rewards is not None:
            self._rewards.heard = heard
        try:
            reported, losses = evaluation.evaluate(self._trainer, self._seed)
        finally:
            if self._rewards is not None:
                self._rewards.heard = None
        numbers = held_out_words(reported)
        value = numbers.pop(self.history.measure.name, None)
        error = None
        if self.history.measure.higher:
            replies = getattr(self._trainer, "num_generations_eval", None) or REPLIES
            scores = [score for each in gathered(heard) for score in each]
            numbers, values = {}, evaluation.mean_of_groups(scores, replies)
        else:
            values = losses
        if value is not None and values:
            # The trainer leaves rows out that it read twice, to give each process as many.
            mean, error = evaluation.weighted_mean(values)
            value = mean if this_process().size == 1 or self.history.measure.higher else value
        return None if value is None else Point(step, value, error, numbers)
