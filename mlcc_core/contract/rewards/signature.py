"""The arguments that a reward function takes: events, and a Lambda context if it likes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from mlcc_core.errors import MlccError


def of_events(
    function: Callable[..., object], value: str
) -> Callable[[list[dict[str, Any]]], object]:
    """Return a function of events alone; a Lambda context is given as ``None``.

    Args:
        function: of the user.
        value: its file and name, for messages.

    Raises:
        MlccError: it takes neither the events alone nor the events and a context.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return function  # of C code, which tells none
    if _takes(signature, []):
        return function
    if _takes(signature, [], None):
        return lambda events: function(events, None)
    raise MlccError(
        f"Reward function {value} takes {signature}, expected (events) or (events, context).",
        where=value,
    )


def _takes(signature: inspect.Signature, *arguments: object) -> bool:
    try:
        signature.bind(*arguments)
    except TypeError:
        return False
    return True
