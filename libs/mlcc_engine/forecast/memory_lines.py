"""The memory that a job needs and what there is, in lines for the user."""

from __future__ import annotations

from importlib.util import find_spec

from mlcc_core.helpers import reason_of
from mlcc_engine.forecast import fitting, memory
from mlcc_engine.forecast.demand import Demand, shape_of


def memory_lines(demand: Demand, source: str, rows: int, longest: int) -> list[str]:
    """Describe the memory that is needed and free; a warning when that is not enough.

    Args:
        demand: of the job.
        source: of the model.
        rows: sequences that go through it at once.
        longest: tokens of the longest.
    """
    try:
        shape = shape_of(source)
    except (OSError, ValueError) as error:
        return [f"Memory: unknown ({reason_of(error)})"]
    choice, free = demand.choose(shape, rows, longest), demand.device.memory
    have = "unknown" if free is None else memory.in_words(free)
    lines = [f"Memory: about {memory.in_words(choice.need)} needed, {have} free"]
    if choice.line:
        lines.append(choice.line)
    if free is not None and choice.need > free:
        lora = demand.request.training_type == "lora"
        lines.append(
            fitting.advice(
                shape,
                source,
                free,
                demand.need,
                rows=rows,
                length=longest,
                lora=lora,
                sampled=bool(demand.reply),
                recomputed=choice.on,
                four_bits=demand.request.quantize is not None,
                bitsandbytes=find_spec("bitsandbytes") is not None,
            )
        )
    return lines
