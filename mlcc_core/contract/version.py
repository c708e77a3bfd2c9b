"""The version of the contract between mlcc and its plugins, and what a plugin states of it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

API_VERSION = "2.0"
"""``MAJOR.MINOR``. A plugin that states another major version is left out; a higher minor version
than this one needs a newer mlcc."""


class ContractDeprecation(FutureWarning):
    """A part of the contract that a plugin uses and that goes with the next minor version."""


def deprecated(old: str, instead: str, until: str) -> ContractDeprecation:
    """Make the warning for a part of the contract that still works for one minor version.

    Args:
        old: what is used: "the argument `platform`".
        instead: what to use: "`engine`".
        until: the version that no longer has it.

    Example, for an argument of a hook:
        @hookspec(warn_on_impl_args={"old": deprecated("`old`", "`new`", "2.2")})
        def mlcc_hook(new, old): ...
    """
    return ContractDeprecation(f"{old} goes with version {until} of the contract; use {instead}")


def deprecated_function(instead: str, until: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function or method of the contract warn its caller, and work as before.

    Args:
        instead: what to use.
        until: the version that no longer has it.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*arguments: P.args, **keywords: P.kwargs) -> R:
            told = deprecated(f"{function.__qualname__}()", instead, until)
            warnings.warn(told, stacklevel=2)
            return function(*arguments, **keywords)

        return call

    return decorate


def stated_version(plugin: object) -> object:
    """Return the ``api_version`` of a plugin object, its class or a module; ``None`` for none.

    A class that states none has the one of its module, or of its top package.
    """
    stated: object = getattr(plugin, "api_version", None)
    if stated is not None or isinstance(plugin, ModuleType):
        return stated
    kind = plugin if isinstance(plugin, type) else type(plugin)
    for name in (kind.__module__, kind.__module__.partition(".")[0]):
        stated = getattr(sys.modules.get(name), "api_version", None)
        if stated is not None:
            return stated
    return None


def unfit(stated: object, current: str | None = None) -> str | None:
    """Explain why a plugin that states a version of the contract cannot be used.

    Args:
        stated: ``MAJOR.MINOR``, or ``None`` where the plugin states none.
        current: the version that this mlcc has; :data:`API_VERSION` by default.

    Returns:
        One line for people; ``None`` where it fits.

    Example:
        >>> unfit("1.0", "2.1")
        'it was written for version 1.0 of the plugin contract, and this mlcc has 2.1'
    """
    if stated is None:
        return None
    current = current or API_VERSION
    wanted = _parsed(stated)
    if wanted is None:
        return f"its api_version is {stated!r}, expected MAJOR.MINOR such as {current!r}"
    have = _parsed(current) or (0, 0)
    if wanted[0] == have[0] and wanted[1] <= have[1]:
        return None
    return (
        f"it was written for version {stated} of the plugin contract, and this mlcc has {current}"
    )


def _parsed(text: object) -> tuple[int, int] | None:
    parts = text.split(".") if isinstance(text, str) else []
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        return None
    return int(parts[0]), int(parts[1])
