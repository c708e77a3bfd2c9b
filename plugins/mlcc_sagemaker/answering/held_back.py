"""Failures of single items, and the failure of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from mlcc_core import MlccError

R = TypeVar("R")


def held_back(results: Iterator[tuple[int, R | MlccError]]) -> Iterator[tuple[int, R | None]]:
    """Yield results with their positions, ``None`` for one that failed.

    Failures are held back until anything works: where nothing does, the fault is not the items'.

    Raises:
        MlccError: the first failure, where nothing works.
    """
    failed: list[tuple[int, MlccError]] = []
    worked = False
    for position, result in results:
        if isinstance(result, MlccError):
            failed.append((position, result))
            continue
        worked = True
        yield position, result
    if failed and not worked:
        raise failed[0][1]
    yield from ((position, None) for position, _ in failed)
