"""Trainers by name, and the arguments of their Config: no technique is named here."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core import JobError, MlccError
from mlcc_core.helpers import close_matches
from mlcc_engine import process
from mlcc_engine.devices import Device
from mlcc_engine.forecast import lengths
from mlcc_engine.heldout.arguments import ARGUMENT, held_out_arguments
from mlcc_engine.model import models
from mlcc_engine.ranks.world import share
from mlcc_engine.request import Request
from mlcc_engine.start import loading
from mlcc_engine.train import adapting, defaults
from mlcc_tokens.templates.chat import Chat

MICRO_BATCH = 8
"""Rows that go through the model at once, at most; more are accumulated."""

LOGGED_STEPS = 200
"""About so many lines of progress a job, at most twice as many."""

SAMPLES = "num_generations"
"""The argument by which a Config shows that its trainer samples replies."""

ENGINE_HYPERPARAMETERS = ("global_batch_size", "max_prompt_length", "train_on")
"""Hyperparameters that the engine interprets where the Config does not know them."""


@dataclass(frozen=True, slots=True)
class Trainer:
    """A trainer and its Config, classes of the same module; each is imported when it is used.

    Attributes:
        name: ``trl:NAMETrainer`` or ``package.module:NAMETrainer``.
    """

    name: str

    @property
    def trainer(self) -> Any:
        """The trainer's class.

        Raises:
            MlccError: there is no such module or class.
        """
        return self._load(self.name.partition(":")[2])

    @property
    def config(self) -> Any:
        """The class of its Config: its own name with ``Config`` for ``Trainer``.

        Raises:
            MlccError: there is no such module or class.
        """
        return self._load(self.name.partition(":")[2].removesuffix("Trainer") + "Config")

    @property
    def fields(self) -> Mapping[str, Any]:
        """The Config's arguments and their defaults."""
        return {field.name: field.default for field in dataclasses.fields(self.config)}

    def load(self) -> None:
        """Import both classes, and so torch, transformers and the library of the trainer.

        Raises:
            MlccError: one of them does not exist.
        """
        _ = self.trainer, self.config

    def _load(self, name: str) -> Any:
        try:
            with process.quick_imports():  # torch and transformers come with it
                return getattr(importlib.import_module(self.name.partition(":")[0]), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise MlccError(
                f"Trainer {self.name!r} cannot be loaded, expected module:NAMETrainer "
                f"with NAMEConfig beside it: {error}."
            ) from None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The walk through the rows.

    Attributes:
        epochs: passes over the dataset.
        batch: rows an optimizer step.
        samples: replies sampled for each row; 1 for trainers that sample none.
        micro_batch: sequences that go through the model at once.
        accumulation: how often, for one optimizer step.
        steps: optimizer steps in all.
    """

    epochs: float
    batch: int
    samples: int
    micro_batch: int
    accumulation: int
    steps: int


def merge(trainer: Trainer, request: Request, rows: int) -> dict[str, Any]:
    """The hyperparameters of a job: what was asked, over the recipe's, over our defaults.

    Raises:
        MlccError: one of them is unknown to the trainer's Config, or more than the model's
            context.
        PlatformError: the model's config cannot be had.
    """
    return merge_and_tell(trainer, request, rows)[0]


def merge_and_tell(
    trainer: Trainer, request: Request, rows: int
) -> tuple[dict[str, Any], list[str]]:
    """The hyperparameters as :func:`merge` has them, and notes on what was capped for the user."""
    fields = trainer.fields
    known = {*fields, *ENGINE_HYPERPARAMETERS}
    rate = fields.get("learning_rate")
    asked = {**request.settings, **request.hyperparameters}
    chosen = {
        **defaults.lengths(request.trainer),
        **defaults.hyperparameters(
            request.model,
            request.training_type,
            rows,
            rate if isinstance(rate, float) else None,
            asked.get("global_batch_size"),
            sampled=SAMPLES in fields,
        ),
    }
    for name in asked.keys() - known:
        close = close_matches(name, known)
        raise MlccError(
            f"{request.trainer} has no hyperparameter {name!r}"
            + (f"; did you mean {close[0]!r}?" if close else "."),
            where=f"the recipe of technique {request.technique!r}",
        )
    values = {**{name: chosen[name] for name in chosen if name in known}, **asked}
    return lengths.fit(values, fields, request, sampled=SAMPLES in fields)


def schedule(
    values: Mapping[str, Any], fields: Mapping[str, Any], rows: int, processes: int = 1
) -> Schedule:
    """Turn hyperparameters and a number of rows into steps.

    A trainer that samples replies counts sequences in its batches and leaves an incomplete batch
    out; here ``global_batch_size`` counts rows for all alike, and is at most all of them.
    """
    samples = 1
    if SAMPLES in fields:
        samples = int(values.get(SAMPLES) or fields[SAMPLES])
    batch = int(values.get("global_batch_size") or fields["per_device_train_batch_size"])
    batch = max(1, min(batch, rows)) if samples > 1 else batch
    sequences = share(batch * samples, rows, processes)
    micro = max(size for size in range(1, MICRO_BATCH + 1) if sequences % size == 0)
    epochs = float(values.get("num_train_epochs") or fields["num_train_epochs"])
    per_epoch = rows // batch if samples > 1 else -(-rows // batch)
    steps = max(1, round(per_epoch * epochs))
    if int(values.get("max_steps") or 0) > 0:
        steps = int(values["max_steps"])
        epochs = steps / max(1, per_epoch)
    return Schedule(epochs, batch, samples, micro, sequences // micro, steps)


def in_words(plan: Schedule, rows: int, learning_rate: float) -> str:
    """The schedule for people: ``12 rows, 40 epochs, 120 steps of 4 rows, learning rate 0.005``."""
    sampled = f", {plan.samples} replies each" if plan.samples > 1 else ""
    if plan.samples > 1 and rows % plan.batch:
        sampled += f" ({rows % plan.batch} rows, drawn anew, wait out each epoch)"
    return (
        f"{count(rows, 'row')}, {count(plan.epochs, 'epoch')}, {count(plan.steps, 'step')} "
        f"of {count(plan.batch, 'row')}{sampled}, learning rate {learning_rate:g}"
    )


def count(number: float, noun: str) -> str:
    """``1 epoch``, ``2 epochs``, ``0.5 epochs``."""
    return f"{number:g} {noun}" if number == 1 else f"{number:.12g} {noun}s"


def configure(
    trainer: Trainer,
    request: Request,
    values: Mapping[str, Any],
    plan: Schedule,
    device: Device,
    folder: Path,
) -> Any:
    """The Config object of a job.

    Raises:
        MlccError: the Config refuses a value; its own words are kept.
    """
    arguments: dict[str, Any] = {
        "output_dir": str(folder),
        "per_device_train_batch_size": plan.micro_batch,
        "gradient_accumulation_steps": plan.accumulation,
        "seed": request.seed,
        "bf16": device.bf16,
        "use_cpu": device.kind == "cpu",
        "gradient_checkpointing": False,  # where it is needed, the job says so once it knows rows
        "dataloader_pin_memory": device.kind == "cuda",
        "logging_steps": max(1, plan.steps // LOGGED_STEPS),
        "logging_first_step": True,
        "logging_nan_inf_filter": False,
        "disable_tqdm": True,
        "report_to": "none",
        **({"ddp_backend": "gloo"} if request.processes > 1 and device.kind == "cpu" else {}),
        # Each process keeps checkpoints of its own: their random numbers differ.
        **({"save_on_each_node": True} if request.processes > 1 else {}),
        "save_strategy": "no",
        **(held_out_arguments(trainer.fields) if request.validation else {}),
        **{name: value for name, value in values.items() if name not in ENGINE_HYPERPARAMETERS},
    }
    if "max_prompt_length" in trainer.fields and "max_prompt_length" in values:
        arguments["max_prompt_length"] = values["max_prompt_length"]
    try:
        return trainer.config(**arguments)
    except (TypeError, ValueError) as error:
        raise MlccError(f"{request.trainer} refuses its settings: {error}") from None


def rows_left_out(trainer: Any, rows: int) -> list[str]:
    """Say how many rows a trainer has left out, having nothing to learn in them.

    Raises:
        JobError: all of them.
    """
    kept = len(trainer.train_dataset)
    if kept == 0:
        raise JobError(
            "No row has anything to learn: every prompt alone fills the longest sequence.",
            hint="raise --max-seq-length",
        )
    if kept == rows:
        return []
    return [f"{rows - kept} of {rows} rows train nothing: their prompts fill the sequence."]


def described(
    request: Request, config: Any, plan: Schedule, device: Device, rows: int
) -> list[str]:
    """Lines for the log: what is trained, on what, for how long."""
    how = defaults.in_words(request.training_type, request.lora)
    bits = f", the base in {request.quantize}" if request.quantize else ""
    shared = f", {request.processes} processes" if request.processes > 1 else ""
    return [
        f"{request.trainer} on {request.model_name}, {how}{bits}",
        *loading.in_words(request),
        f"device: {device.name}, {device.precision}{shared}",
        in_words(plan, rows, config.learning_rate),
    ]


def build(
    trainer_class: Any,
    request: Request,
    model: Any,
    chat: Chat,
    dataset: Any,
    config: Any,
    listening: list[Any],
    rewards: Any,
    held_out: Any = None,
) -> Any:
    """Make the trainer object; what its constructor raises is not the fault of the user's input."""
    from transformers import PrinterCallback, set_seed

    set_seed(request.seed)  # the trainer would do so after an adapter's weights are drawn
    arguments: dict[str, Any] = {
        "model": model,
        "args": config,
        "train_dataset": dataset,
        "processing_class": chat.tokenizer,
        "callbacks": listening,
    }
    if request.training_type == "lora" and loading.adapter_of(request) is None:
        arguments["peft_config"] = adapting.lora_config(
            request.lora, sees=models.is_vision_language(model.config)
        )
    elif request.training_type != "lora":
        adapting.freeze_seeing(model)
    if held_out is not None:
        arguments[ARGUMENT] = held_out
    if request.evaluator is not None:
        arguments[request.evaluator.argument] = [rewards]
    trainer = trainer_class(**arguments)
    trainer.remove_callback(PrinterCallback)
    return trainer
