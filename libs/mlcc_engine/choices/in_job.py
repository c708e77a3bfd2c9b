"""The job's own look at its rows and its machine, by the rules of its plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlcc_engine.choices import padding
from mlcc_engine.choices.checkpointing import Choice
from mlcc_engine.devices import Device
from mlcc_engine.forecast import demand
from mlcc_engine.forecast.measured import Lengths
from mlcc_engine.ranks.agreeing import of_the_leader
from mlcc_engine.request import Request
from mlcc_engine.train.trainers import Schedule

MOST_REPLIES = 2
"""Replies to a prompt that go through the model at once, at most: those of a pair."""

GOES_ON = "Gradient checkpointing is on, as it was before the job was interrupted"


def recomputing(
    request: Request,
    source: str,
    device: Device,
    plan: Schedule,
    values: Mapping[str, Any],
    fields: Mapping[str, Any],
    measure: Callable[[], Lengths],
    before: bool | None = None,
) -> Choice:
    """Choose if activations are kept; rows are measured only where their limit leaves it open.

    Args:
        request: of the job.
        source: of the model.
        device: that trains, with the memory that is free now.
        plan: the walk through the rows.
        values: hyperparameters by the Config's names.
        fields: the Config's arguments and their defaults.
        measure: measures the rows.
        before: the choice of the attempt that this job goes on from: other steps would come to
            other weights.
    """
    asked = values.get(demand.CHECKPOINTING)
    if asked is not None:
        return Choice(bool(asked), 0)
    before = of_the_leader(before)
    if before is not None:
        return Choice(before, 0, GOES_ON if before else "")
    try:
        shape = demand.shape_of(source)
    except (OSError, ValueError):
        return Choice(device.kind != "cpu", 0)
    found = demand.demand_of(request, device, plan, values, fields)
    limit = values.get("max_length")
    choice = Choice(on=True, need=0)
    if limit is not None:
        choice = found.choose(shape, plan.micro_batch * MOST_REPLIES, limit)
    # All processes have to do alike, and each finds other memory free.
    choice = of_the_leader(choice)
    if not choice.on:
        return choice
    lengths = measure()
    form = padding.choose(request, values, lengths.sizes, plan.micro_batch, demand.width_of(source))
    found = demand.demand_of(
        request, device, plan, values, fields, lengths.sizes if form.packed else None
    )
    return of_the_leader(found.choose(shape, plan.micro_batch * lengths.replies, lengths.longest))
