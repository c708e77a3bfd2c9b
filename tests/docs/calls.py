"""Functions as pages write their calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable


def call_of(name: str, function: Callable[..., object], *, bound: bool = False) -> str:
    """Return how a function is called: ``select_files(names, pattern, label=)``.

    Args:
        name: as the page has it.
        function: to call.
        bound: it is a method, whose object is left out.
    """
    words = []
    for parameter in list(inspect.signature(function).parameters.values())[bound:]:
        by_name = parameter.kind is parameter.KEYWORD_ONLY
        stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
        sign = "=" if by_name or parameter.default is not parameter.empty else ""
        words.append(f"{stars}{parameter.name}{sign}")
    return f"{name}({', '.join(words)})"
