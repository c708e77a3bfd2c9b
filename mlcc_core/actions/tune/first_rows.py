"""The first rows of a staged dataset."""

from __future__ import annotations

import json
from itertools import islice
from typing import BinaryIO


def first_rows(file: BinaryIO, count: int) -> list[dict[str, object]]:
    """Read the first ``count`` rows of validated JSON lines; blank lines do not count."""
    lines = (line for line in file if line.strip())
    return [json.loads(line.decode("utf-8-sig")) for line in islice(lines, count)]
