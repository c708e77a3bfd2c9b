"""The lengths of rows that the trainer renders itself: as JSON text, since it alone knows how."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path
from typing import Any

from mlcc_core import TokenLimits
from mlcc_engine.forecast.measured import Lengths
from mlcc_engine.request import Request
from mlcc_engine.train import as_is, rows

BATCH_ROWS = 64
"""Rows that are measured at once."""


def measure(request: Request, tokenizer: Any, limits: TokenLimits, seconds: float) -> Lengths:
    """Measure the rows, as many as there is time for; every row is checked.

    Args:
        request: of the job.
        tokenizer: of the model.
        limits: a row is measured up to them.
        seconds: to spend on counting tokens.

    Raises:
        MlccError: a line is wrong, or holds a value that cannot be kept exactly.
    """
    path, scored = Path(request.dataset), request.evaluator is not None
    for _ in as_is.examples(path, as_is.find_kinds(path, whole_rows=scored), whole_rows=scored):
        pass  # reading is the check
    found = Lengths()
    deadline = time.monotonic() + seconds
    unread = rows.read(path)
    while batch := list(islice(unread, BATCH_ROWS)):
        found.rows += len(batch)
        if found.measured and time.monotonic() > deadline:
            continue
        counts = tokenizer([row.text for row in batch], add_special_tokens=False)["input_ids"]
        for row, ids in zip(batch, counts, strict=True):
            found.measured += 1
            length = min(len(ids), limits.row or len(ids))
            if length > found.longest:
                found.longest, found.longest_line = length, row.number
    return found


def lines(found: Lengths) -> list[str]:
    """Say what is known of the lengths."""
    part = "" if found.measured == found.rows else f" of the first {found.measured}"
    return [
        "Rows reach the trainer as they are; it renders them itself.",
        f"Longest row{part}: {found.longest} tokens as JSON text",
    ]
