"""Costs, as records and documents hold them."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict


class ChargeBody(TypedDict):
    """One thing that costs money, as :class:`~mlcc_core.Charge` has it; ``cost`` in US dollars.

    Older records lack ``maybe_published``.
    """

    what: str
    unit: str
    quantity: float | None
    low: float | None
    high: float | None
    price: float | None
    source: str
    by_the_hour: bool
    note: str
    maybe_published: NotRequired[bool]
    cost: float | None


class CostBody(TypedDict):
    """Charges with their sum in US dollars; ``None`` where part of it is not known.

    ``most`` is the sum at the upper ends of the quantities.
    """

    charges: list[ChargeBody]
    total: float | None
    most: float | None
