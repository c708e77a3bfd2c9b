"""Batches of rows of about one length, within a budget of tokens that memory may lower."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from mlcc_core.helpers import is_out_of_memory
from mlcc_engine.answers.models import free_memory

T = TypeVar("T")


def in_batches(
    sizes: Sequence[int], budget: int, rows: int, work: Callable[[list[int]], T]
) -> Iterator[tuple[list[int], T]]:
    """Do work on all rows, the longest first: memory that is short is noticed at once.

    A batch that memory does not hold is halved, and so are those that follow it.

    Args:
        sizes: of the rows, in tokens, with those that are generated.
        budget: tokens of a batch, padding included; one row is never too many.
        rows: of a batch, at most.
        work: takes the places of a batch's rows.

    Yields:
        The places of each batch, and what the work on it returned.
    """
    left = sorted(range(len(sizes)), key=lambda place: -sizes[place])
    while left:
        batch = left[: max(1, min(rows, budget // max(1, sizes[left[0]])))]
        try:
            done = work(batch)
        except Exception as error:
            if not is_out_of_memory(error) or len(batch) == 1:
                raise
            done = None
        if done is None:
            # Outside of the handler, as the error holds on to what filled the memory.
            rows = len(batch) // 2
            free_memory()
            continue
        del left[: len(batch)]
        yield batch, done
