"""Standings: what a project has deployed, and what that costs while it stands."""

from __future__ import annotations

from dataclasses import dataclass

from mlcc_core.contract.money.charge import Charge


@dataclass(frozen=True, slots=True)
class Standing:
    """Something of a project that stands on a platform and costs money by the hour.

    Attributes:
        name: the platform's name of it.
        kind: ``endpoint``, for instance.
        status: the platform's word for its state ("InService").
        since: when it was created, in seconds since 1970, UTC; ``None`` where that is not known.
        charges: by the hour; without a price where none is known.
        expires: when the user wants it taken down, in seconds since 1970, UTC.
        current: ``do/config`` names it; otherwise it is an orphan of the project.
        holds: names of the adapters and models on it.
    """

    name: str
    kind: str
    status: str = ""
    since: float | None = None
    charges: tuple[Charge, ...] = ()
    expires: float | None = None
    current: bool = True
    holds: tuple[str, ...] = ()
