"""One decision for all processes of a job, where each would come to its own."""

from __future__ import annotations

from typing import TypeVar, cast

T = TypeVar("T")


def gathered(value: T) -> list[T]:
    """Return the value of every process, in their order; all of them have to call this."""
    import torch.distributed as together

    if not _several():
        return [value]
    values: list[T | None] = [None] * together.get_world_size()
    together.all_gather_object(values, value)
    return cast("list[T]", values)


def of_the_leader(value: T) -> T:
    """Return the value that the first process has; all of them have to call this."""
    import torch.distributed as together

    if not _several():
        return value
    values = [value]
    together.broadcast_object_list(values, src=0)
    return values[0]


def _several() -> bool:
    import torch.distributed as together

    return bool(together.is_available() and together.is_initialized())
