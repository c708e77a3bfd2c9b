"""The memory that one job asks for: its estimate for any model, batch and way of training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mlcc_engine.choices import checkpointing, padding
from mlcc_engine.devices import Device
from mlcc_engine.forecast import memory
from mlcc_engine.heldout.planned import count_rows, work_of
from mlcc_engine.model import models, quantized
from mlcc_engine.request import Request
from mlcc_engine.start import loading
from mlcc_engine.train.trainers import SAMPLES, Schedule

AGENT_BYTES = 230_000_000
"""Bytes of the parent of several processes, which imports torch and trains nothing."""

REPLY = "max_completion_length"
CHECKPOINTING = "gradient_checkpointing"


@dataclass(frozen=True, slots=True)
class Demand:
    """A job's demand for memory.

    Attributes:
        request: of the job.
        device: that trains.
        values: hyperparameters by the Config's names.
        fields: the Config's arguments and their defaults.
        judge: bytes of a judge that is loaded beside the model.
        evaluated: held-out sequences that go through the model at once.
        packed: lengths of the rows, where they are laid end to end; ``None`` where they are padded.
    """

    request: Request
    device: Device
    values: Mapping[str, Any]
    fields: Mapping[str, Any]
    judge: int = 0
    evaluated: int = 0
    packed: Mapping[int, int] | None = None

    @property
    def reply(self) -> int:
        """Return the tokens of a reply that the model samples; 0 where it samples none."""
        return self.values.get(REPLY, self.fields.get(REPLY)) or 0

    @property
    def reference(self) -> bool:
        """Return whether the trainer compares with the model as it was at first."""
        if "precompute_ref_log_probs" in self.fields:
            return True
        beta = self.values.get("beta", self.fields.get("beta"))
        return SAMPLES in self.fields and isinstance(beta, (int, float)) and beta != 0

    def need(
        self,
        shape: memory.Shape,
        rows: int,
        length: int,
        training_type: str | None = None,
        *,
        recomputed: bool = False,
        four_bits: bool | None = None,
    ) -> int:
        """Return the bytes of a changed plan.

        Args:
            shape: of the model.
            rows: that go through it at once.
            length: of the longest.
            training_type: another one than the request's.
            recomputed: with gradient checkpointing.
            four_bits: the frozen weights are held so; ``None``: as the request has it.
        """
        request = self.request
        tokens = rows * (length + self.reply)
        if self.packed is not None:
            tokens = round(padding.heaviest(self.packed, rows, length))
        need = self.judge + memory.needed(
            shape,
            training_type or request.training_type,
            request.lora,
            bits16=self.device.bf16,
            tokens=tokens,
            checkpointing=recomputed,
            reference=self.reference,
            four_bits=request.quantize is not None if four_bits is None else four_bits,
            continued=loading.adapter_of(request) is not None,
            evaluated=self.evaluated * (length + self.reply),
            shared=request.processes > 1,
        )
        # Processes share the machine's memory, while each GPU has its own.
        if self.device.kind != "cpu" or request.processes == 1:
            return need
        return need * request.processes + AGENT_BYTES

    def choose(self, shape: memory.Shape, rows: int, length: int) -> checkpointing.Choice:
        """Choose if activations are kept or computed again.

        Args:
            shape: of the model.
            rows: that go through it at once.
            length: of the longest.
        """
        return checkpointing.choose(
            self.values.get(CHECKPOINTING),
            self.need(shape, rows, length),
            self.need(shape, rows, length, recomputed=True),
            self.device.memory,
        )


def demand_of(
    request: Request,
    device: Device,
    plan: Schedule,
    values: Mapping[str, Any],
    fields: Mapping[str, Any],
    packed: Mapping[int, int] | None = None,
) -> Demand:
    """Return the demand of a job.

    Args:
        request: of the job.
        device: that trains.
        plan: its walk through the rows.
        values: hyperparameters by the Config's names.
        fields: the Config's arguments and their defaults.
        packed: lengths of the rows, where they are laid end to end.
    """
    held_out = count_rows(request)
    evaluated = work_of(plan, held_out).batch if held_out else 0
    judge = judge_memory(request, device)
    return Demand(request, device, values, fields, judge, evaluated, packed)


def shape_of(source: str) -> memory.Shape:
    """Return the shape of a model with as many parameters as there are once it is loaded.

    Raises:
        MlccError: a file is damaged or missing.
        OSError, ValueError: it cannot be read.
    """
    shape = memory.read_shape(source)
    return replace(shape, parameters=loaded_parameters(source, shape.parameters))


def judge_memory(request: Request, device: Device) -> int:
    """Bytes of a judge that is loaded beside the model that learns; 0 for any other."""
    judging = request.evaluator
    if judging is None or judging.kind != "prompt" or judging.settings.get("judge_url"):
        return 0
    source = models.locate(str(judging.settings["judge_model"]), weights=False)
    try:
        shape = memory.read_shape(source)
    except (OSError, ValueError):
        return 0
    return loaded_parameters(source, shape.parameters) * (2 if device.bf16 else 4)


def loaded_parameters(source: str, stored: int) -> int:
    """Return how many parameters there are once the weights are loaded, of so many stored."""
    how = quantized.method(models.load_config(source).to_dict())
    if how is None:
        return stored
    return sum(
        quantized.parameters(name, math.prod(shape), how)
        for name, shape in memory.tensor_shapes(source)
    )


def width_of(source: str) -> int:
    """Return the width of a model, 0 where its config does not tell."""
    text: Any = models.load_config(source).get_text_config()
    return getattr(text, "hidden_size", None) or 0
