"""Settings: variables of ``do/config`` and the environment that a plugin reads."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable that a platform or source needs, for ``init``, ``do/config`` and ``doctor``.

    Attributes:
        variable: its name, ``[A-Z][A-Z0-9_]*``.
        help: one line, shown as a comment in ``do/config``.
        required: ``doctor`` and ``tune`` report it as missing where it has no value.
        default: the value that ``init`` writes; empty for none.
        example: a value that shows its form, for commands to paste: ``http://HOST:8265``.

    Example:
        >>> Setting("RAY_ADDRESS", "The cluster's dashboard", True, example="http://HOST:8265")
    """

    variable: str
    help: str
    required: bool = False
    default: str = ""
    example: str = ""

    @property
    def command(self) -> str:
        """The command that gives it a value: the example, or a word in its place."""
        return f"export {self.variable}={shlex.quote(self.example or 'VALUE')}"
