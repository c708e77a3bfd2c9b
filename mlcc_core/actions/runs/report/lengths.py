"""Lengths of the rows that a run trained on, from the rows as they were staged."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import msgspec

from mlcc_core.actions.runs.report.model import Lengths
from mlcc_core.actions.runs.tracking import context_of
from mlcc_core.actions.session import Session
from mlcc_core.errors import MlccError
from mlcc_core.project.records import RunRecord

MOST_BYTES = 16 * 2**20
"""Bytes that are read: enough for the shape of a dataset, and quickly had from anywhere."""

BARS = 24


def lengths_of(session: Session, record: RunRecord) -> Lengths | None:
    """Return the lengths of the rows of a run; ``None`` where they cannot be read."""
    if record.dataset_uri is None:
        return None
    try:
        store = session.plugins.platform(record.platform).store
        with store.open_staged(context_of(session.context, record), record.dataset_uri) as file:
            found = list(_lengths(file))
            whole = not file.read(1)
    except (MlccError, OSError, msgspec.MsgspecError):
        return None
    return summed(found, whole=whole)


def summed(lengths: Sequence[int], *, whole: bool) -> Lengths | None:
    """Return lengths in bars; ``None`` for none. The last bar holds the longest hundredth, too."""
    if not lengths:
        return None
    ordered = sorted(lengths)
    low, high = ordered[0], ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    width = max(1, -(-(high - low + 1) // BARS))
    counts = [0] * max(1, -(-(high - low + 1) // width))
    for length in ordered:
        counts[min((length - low) // width, len(counts) - 1)] += 1
    bars = [(low + n * width, low + (n + 1) * width - 1, count) for n, count in enumerate(counts)]
    first, _, last = bars[-1]
    bars[-1] = (first, max(ordered[-1], first), last)
    median = round(statistics.median(ordered))
    return Lengths(len(ordered), whole, tuple(bars), low, median, ordered[-1])


def _lengths(file: BinaryIO) -> Iterator[int]:
    read = 0
    while read < MOST_BYTES and (line := file.readline(MOST_BYTES)):
        read += len(line)
        if line.strip():
            yield text_length(msgspec.json.decode(line))


def text_length(value: object) -> int:
    """Return the characters of all texts in a row; names of columns and roles do not count."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(text_length(each) for key, each in value.items() if key != "role")
    if isinstance(value, list):
        return sum(text_length(each) for each in value)
    return 0
