"""Values of a result: numbers, and lists that it holds as text, Python's or JSON's."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Sequence
from typing import Any


def read_number(value: object) -> float | None:
    """Return a finite number; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def read_list(value: object) -> Sequence[Any] | None:
    """Return a list, or the one that a text writes out; ``None`` for anything else.

    Example:
        >>> read_list("[{'role': 'user', 'content': \\"It's 4.\\"}]")
        [{'role': 'user', 'content': "It's 4."}]
    """
    if isinstance(value, list):
        return value
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(value.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(found, list):
            return found
    return None


def read_reply(value: object) -> str | None:
    """Return a model's reply, which comes as a text, or as the only one of a list.

    Example:
        >>> read_reply("['4']"), read_reply("4"), read_reply(None)
        ('4', '4', None)
    """
    listed = read_list(value)
    if listed and len(listed) == 1 and isinstance(listed[0], str):
        return listed[0]
    return None if value is None else str(value)
