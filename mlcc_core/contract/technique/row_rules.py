"""Rules of rows: what a column's type cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

ROLES = ("system", "developer", "user", "assistant", "tool")
"""Roles of messages as chat templates know them."""


@dataclass(frozen=True, slots=True)
class MessageRules:
    """The messages that a column of type ``messages`` takes; empty for any.

    Roles are compared without case. Other names of the two speakers in published datasets count
    as theirs: ``human`` as ``user``; ``gpt``, ``model``, ``bot`` and ``chatbot`` as ``assistant``.

    Attributes:
        roles: the roles allowed.
        last_role: the roles that the last message may have.
        not_last: the roles that the last message must not have: a prompt for sampling does not
            end with the assistant's.

    Example:
        >>> Column("prompt", ("messages",), messages=MessageRules(not_last=("assistant",)))
    """

    roles: tuple[str, ...] = ()
    last_role: tuple[str, ...] = ()
    not_last: tuple[str, ...] = ()


VerdictKind = Literal["keep", "change", "refuse", "drop"]


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """The answer of a technique's check of a row. Make it with one of the four functions.

    Attributes:
        kind: ``keep``, ``change``, ``refuse`` (an error of the row) or ``drop`` (left out and
            counted in the ledger under its reason).
        reason: of a refused or dropped row, in a few words: "the prompt is empty".
        row: the row to write in place of the one given.

    Raises:
        ValueError: an unknown kind, a refusal without a reason, a change without a row.
    """

    kind: VerdictKind
    reason: str = ""
    row: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(VerdictKind):
            kinds = ", ".join(get_args(VerdictKind))
            raise ValueError(f"the kind of a verdict is {self.kind!r}, expected one of {kinds}")
        if (self.kind == "change") != isinstance(self.row, Mapping):
            raise ValueError(f"the verdict {self.kind!r} has the row {self.row!r}")
        if self.kind in ("refuse", "drop") and not self.reason.strip():
            raise ValueError(f"the verdict {self.kind!r} has no reason")


KEEP = RowVerdict("keep")
"""Write the row as it is."""


def change(row: Mapping[str, object]) -> RowVerdict:
    """Write ``row`` in place of the row that was given."""
    return RowVerdict("change", row=row)


def refuse(reason: str) -> RowVerdict:
    """Report the row as an error."""
    return RowVerdict("refuse", reason)


def drop(reason: str) -> RowVerdict:
    """Leave the row out, counted under ``reason``."""
    return RowVerdict("drop", reason)
