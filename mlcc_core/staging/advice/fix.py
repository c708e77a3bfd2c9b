"""A command that fixes a dataset."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fix:
    """A command that fixes a dataset.

    Attributes:
        hint: the command.
        reasons: why the command that comes to mind first is not enough.
    """

    hint: str | None
    reasons: tuple[str, ...] = ()
