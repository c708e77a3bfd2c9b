"""Messages of role and content alone, as a typed decoder reads them."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from mlcc_core.staging.rules.messages import KEY_PAIRS


def pair_of(value: Any) -> tuple[str, str] | None:
    """Return the keys of role and content in a message, or in the first of a list of messages."""
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict):
        return None
    return next((pair for pair in KEY_PAIRS if pair[0] in first and pair[1] in first), None)


@cache
def message(pair: tuple[str, str]) -> Any:
    """Return the type of messages with role and content under these keys and nothing else."""
    return msgspec.defstruct(
        "Message",
        [("role", str), ("content", str)],
        rename={"role": pair[0], "content": pair[1]},
        forbid_unknown_fields=True,
        gc=False,
    )


def keys_of_turns(turns: list[Any]) -> int:
    """Count the keys within a list of messages."""
    return 2 * len(turns)
