"""Percentiles of many numbers, held at four or eight bytes each."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

PERCENTILES = (0, 50, 90, 99, 100)


def percentiles(lengths: array[int] | None) -> Mapping[int, int]:
    """Return percentile to length, each the length of some row; empty without lengths.

    Example:
        >>> percentiles(array("I", [5, 7, 9]))
        {0: 5, 50: 7, 90: 9, 99: 9, 100: 9}
    """
    if not lengths:
        return {}
    import pyarrow.compute as pc

    values = as_arrow(lengths)
    found = {
        percent: pc.quantile(values, q=percent / 100, interpolation="nearest")
        for percent in PERCENTILES
    }
    return {percent: int(length[0].as_py() or 0) for percent, length in found.items()}


def as_arrow(numbers: array[int]) -> Any:
    """Return the numbers as an Arrow array over the same memory."""
    import pyarrow as pa

    kind = pa.int64() if numbers.typecode == "q" else pa.uint32()
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(numbers)])
