"""A planned job, as far as those who create and follow it need to know, whatever it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from mlcc_core.actions.session import Session
from mlcc_core.contract.platform.platform import Platform


class AskedFor(Protocol):
    """The request of a job, as typed."""

    @property
    def technique(self) -> str:
        """Return the word under which the job is tracked."""

    @property
    def force(self) -> bool:
        """Return whether a new job is wanted even if one exists."""

    def command_line(self, **changes: Any) -> str:
        """Return the command that asks for it again, with fields that are different."""


class Planned(Protocol):
    """A job, decided and not yet begun."""

    @property
    def session(self) -> Session:
        """Return the project."""

    @property
    def platform(self) -> Platform:
        """Return where the job runs."""

    @property
    def request(self) -> AskedFor:
        """Return what is asked for."""

    @property
    def asked(self) -> Mapping[str, object]:
        """Return everything that decides the result, in the user's words."""

    @property
    def digest(self) -> str:
        """Return the hash of ``asked``."""
