"""The keeper of a training's checkpoints: saves them when due, and goes on from the newest."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mlcc_core.helpers import is_full, one_line
from mlcc_engine.checkpoint import contents, space
from mlcc_engine.checkpoint.due import Due, Every, parse
from mlcc_engine.checkpoint.identity import Identity, identity_of
from mlcc_engine.checkpoint.space import Needs
from mlcc_engine.checkpoint.store import KEPT, Checkpoint, Store
from mlcc_engine.listener import Stopped
from mlcc_engine.ranks.agreeing import gathered
from mlcc_engine.ranks.sharding import is_sharded
from mlcc_engine.request import Request
from mlcc_engine.saving.disk import existing, free_at

MEMORY = "memory.json"
"""The file with what others than the trainer remember of the training so far."""


NUMBERS = {2: "two", 3: "three"}

SAVE, LOAD = "_save_checkpoint", "_load_from_checkpoint"
"""Methods that transformers' Trainer calls to save, and to load the weights."""


class Remembers(Protocol):
    """A part of a training whose memory is kept with it."""

    def memory(self) -> Mapping[str, Any]:
        """Return what it remembers, as JSON has it."""
        ...

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Take back what :meth:`memory` returned."""
        ...


class Log(Remembers, Protocol):
    """The progress of a training, which begins again with the step that it goes on from."""

    def rewind(self, step: int) -> None:
        """Forget what came after ``step``."""
        ...

    def warn(self, warning: str) -> None:
        """Tell people something while the training runs."""
        ...


class Keeper(TrainerCallback):
    """Keeps the checkpoints of one training.

    Args:
        request: what is trained.
        folder: of the job.
        device: the kind of the device.
        log: of the training's progress.
        parts: whatever else has a memory of the training, by name.
        ends_soon: asked after every step: a checkpoint is to be saved, and training to stop.
    """

    def __init__(
        self,
        request: Request,
        folder: Path,
        device: str,
        log: Log,
        parts: Mapping[str, Remembers],
        ends_soon: Callable[[], bool] = lambda: False,
    ) -> None:
        self.store = Store(folder)
        self.every = parse(request.checkpoint_every)
        self._request = request
        self._device = device
        self._due = Due(self.every)
        self._log = log
        self._parts = {"progress": log, **parts}
        self._ends_soon = ends_soon
        self._stops = False
        self._identity: Identity | None = None
        self._found: Checkpoint | None = None
        self._mine: list[int] = []
        self._trainer: Any = None
        self._ended = False
        self._full = False
        self.needs = Needs(0, 0)

    @property
    def identity(self) -> Identity:
        """The marks of this training; the rows are read for it when it is first asked."""
        if self._identity is None:
            self._identity = identity_of(self._request, self._device)
        return self._identity

    def train(self, trainer: Any, needs: Needs) -> None:
        """Train, from the newest whole checkpoint on where there is one.

        Args:
            trainer: ready to train from the beginning; all that is measured of the beginning has
                been.
            needs: the bytes that the training leaves on the disk.

        Raises:
            PlatformError: the disk has too little space.
        """
        self._trainer, self.needs = trainer, needs
        if is_sharded(trainer):
            print("no checkpoints are saved: the weights are sharded over processes", flush=True)
            self.every, self._due = Every(), Due(Every())
        self._take_over(trainer)
        found = self._find()
        self._check_space()
        if found is None:
            self._log.rewind(0)
            trainer.train()
        elif found.ended:
            self._go_on(found)
            contents.read_weights(trainer, found.path)
        else:
            self._go_on(found)
            trainer.train(resume_from_checkpoint=str(found.path))

    def end(self) -> None:
        """Save a training that is over, where that is worth it, and make room for its output.

        Raises:
            PlatformError: the output will not fit on the disk.
        """
        free = free_at(self.store.folder)
        fits = free >= self.needs.checkpoint + self.needs.output or free < self.needs.output
        ended = self._found is not None and self._found.ended
        if fits and not ended and self._due.at_end(self.needs.seconds):
            self._ended = True
            self._save(self._trainer.state.global_step)
        output = Path(self._request.output).absolute()
        space.require(self.needs.output, output.parent, "the output")
        self._trainer = None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if self._found is not None:
            contents.read_weights(self._trainer, self._found.path)
            contents.read_apart(self._trainer, self._found.path)
        self._due.begin()

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        if state.global_step < state.max_steps:
            due = self._due.at(state.global_step)
            told = gathered((due, self._ends_soon()))
            # The clock of the first decides; to end, any of them may have been told.
            due, self._stops = told[0][0], any(soon for _, soon in told)
            control.should_save = control.should_save or due or self._stops
        if self._stops and self.every.never:
            raise Stopped
        return control

    # --- going on --------------------------------------------------------------------------

    def _find(self) -> Checkpoint | None:
        """Find the newest checkpoint that is whole, for every process the one of the same step."""
        passed_over: list[str] = []
        if self.store.steps():
            self._found, passed_over = self.store.newest(self.identity)
        for line in passed_over:
            self._log.warn(line)
        steps = gathered(self._found.step if self._found else 0)
        if len(set(steps)) > 1:
            # Some were cut off before they had written theirs; the one before it is still there.
            self._found, _ = self.store.newest(self.identity, most=min(steps))
            steps = gathered(self._found.step if self._found else 0)
        if len(set(steps)) > 1:
            self._found = None
        return self._found

    def _go_on(self, found: Checkpoint) -> None:
        memory = json.loads((found.path / MEMORY).read_text(encoding="utf-8"))
        for name, part in self._parts.items():
            if name in memory:
                part.remember(memory[name])
        state = json.loads((found.path / "trainer_state.json").read_text(encoding="utf-8"))
        contents.draw_again(self._trainer, int(state["epoch"]))
        self._log.rewind(found.step)
        self._mine = [found.step]
        print(f"going on from the checkpoint at step {found.step}", flush=True)

    def _take_over(self, trainer: Any) -> None:
        """Have the trainer save and load by way of this object; its hooks call us."""
        trainer.save_model = contents.write_weights(trainer)
        setattr(trainer, SAVE, self._save_when_asked)
        # The weights are put in place when training begins: TRL may look at those of the base.
        setattr(trainer, LOAD, lambda *_, **__: None)
        trainer.add_callback(self)

    # --- saving ----------------------------------------------------------------------------

    def _check_space(self) -> None:
        taken = self.store.size()
        here = existing(self.store.folder.parent)
        output = Path(self._request.output).absolute().parent
        at_once = 1 + self.store.spared
        kept = 0 if self.every.never else at_once * self.needs.checkpoint
        checkpoints = f"{NUMBERS[at_once]} checkpoints"
        words = "its output" if self.every.never else f"{checkpoints} and its output"
        if here.stat().st_dev == existing(output).stat().st_dev:
            space.require(kept + self.needs.output, here, words, taken=taken)
        else:
            space.require(kept, here, checkpoints, taken=taken)
            space.require(self.needs.output, output, "its output")

    def _save_when_asked(self, model: Any, trial: Any = None) -> None:
        self._save(self._trainer.state.global_step)
        if self._stops:
            raise Stopped

    def _save(self, step: int) -> None:
        """Save a checkpoint; a disk that refuses it stops nothing."""
        started = time.monotonic()
        draft = Path(self._trainer.args.output_dir) / f"checkpoint-{step}"
        try:
            # One that is whole stays, whatever happens to the new one.
            self.store.keep(self._mine[-self.store.spared :])
            contents.write(self._trainer, draft)
            memory = {name: part.memory() for name, part in self._parts.items()}
            (draft / MEMORY).write_text(json.dumps(memory), encoding="utf-8")
            self.store.seal(
                draft,
                step,
                self.identity,
                ended=self._ended,
                recomputes=bool(self._trainer.args.gradient_checkpointing),
            )
        except Exception as error:
            shutil.rmtree(draft, ignore_errors=True)
            self._refused(step, error)
        else:
            self._full = False
            self._mine.append(step)
            self.store.keep(self._mine[-KEPT:])
            print(f"checkpoint at step {step}", flush=True)
        self._due.saved(time.monotonic() - started)

    def _refused(self, step: int, error: Exception) -> None:
        """Warn once that a checkpoint was not saved; the earlier one stays."""
        free, needed = free_at(self.store.folder), self.needs.checkpoint
        why = one_line(error)
        if is_full(error) or free < needed:
            why = f"the disk is full ({space.size(free)} free, {space.size(needed)} needed)"
        stays = f"; the one at step {self._mine[-1]} stays" if self._mine else ""
        if not self._full:
            self._log.warn(f"No checkpoint at step {step}: {why}{stays}.")
        self._full = True
