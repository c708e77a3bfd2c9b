"""The memory that a job needs and what there is, in lines for the user."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from mlcc_core.helpers import reason_of
from mlcc_engine.devices import Device
from mlcc_engine.forecast import fitting, memory
from mlcc_engine.model import models, quantized
from mlcc_engine.request import Request


def memory_lines(
    request: Request,
    source: str,
    device: Device,
    sequences: int,
    longest: int,
    values: dict[str, Any],
    fields: Any,
) -> list[str]:
    """Describe the memory that is needed and free; a warning when that is not enough."""
    try:
        shape = memory.read_shape(source)
    except (OSError, ValueError) as error:
        return [f"Memory: unknown ({reason_of(error)})"]
    shape = replace(shape, parameters=loaded_parameters(source, shape.parameters))
    reply = values.get("max_completion_length", fields.get("max_completion_length")) or 0
    judge = judge_memory(request, device)
    checkpointing = bool(values.get("gradient_checkpointing", device.kind != "cpu"))

    def need_of(
        other: memory.Shape, rows: int, length: int, training_type: str = request.training_type
    ) -> int:
        need = judge + memory.needed(
            other,
            training_type,
            request.lora,
            bits16=device.bf16,
            tokens=rows * (length + reply),
            checkpointing=checkpointing,
            reference="precompute_ref_log_probs" in fields,
            four_bits=request.quantize is not None,
        )
        # Processes share the machine's memory, while each GPU has its own.
        return need * (request.processes if device.kind == "cpu" else 1)

    need = need_of(shape, sequences, longest)
    have = "unknown" if device.memory is None else memory.in_words(device.memory)
    lines = [f"Memory: about {memory.in_words(need)} needed, {have} free"]
    if device.memory is not None and need > device.memory:
        lines.append(
            fitting.advice(
                shape,
                source,
                device.memory,
                need_of,
                rows=sequences,
                length=longest,
                lora=request.training_type == "lora",
                sampled=bool(reply),
            )
        )
    return lines


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
