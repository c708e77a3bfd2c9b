"""The variables in which a script finds a channel or a hyperparameter."""

from __future__ import annotations

import re
from collections.abc import Iterable


def script_variable(name: str) -> str:
    """Return the end of a variable's name for a channel or a hyperparameter.

    Example:
        >>> script_variable("batch-size")
        'BATCH_SIZE'
    """
    return re.sub(r"[^A-Z0-9_]", "_", name.upper())


def same_variable(names: Iterable[str]) -> tuple[str, str] | None:
    """Return the first two names that one variable would have to stand for, if there are any.

    Example:
        >>> same_variable(["train", "Train"])
        ('train', 'Train')
    """
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(script_variable(name), name)
        if other != name:
            return other, name
    return None
