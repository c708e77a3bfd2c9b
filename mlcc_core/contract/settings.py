"""Settings: variables of ``do/config`` and the environment that a plugin reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable that a platform or source needs, for ``init``, ``do/config`` and ``doctor``.

    Attributes:
        variable: its name, ``[A-Z][A-Z0-9_]*``.
        help: one line, shown as a comment in ``do/config``.
        required: ``doctor`` and ``tune`` report it as missing where it has no value.
        default: the value that ``init`` writes; empty for none.

    Example:
        >>> Setting("RAY_ADDRESS", "Address of the cluster: ray://HOST:10001", required=True)
    """

    variable: str
    help: str
    required: bool = False
    default: str = ""
