"""Costs, as records and documents hold them."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict


class ChargeBody(TypedDict):
    """One thing that costs money, as :class:`~mlcc_core.Charge` has it.

    Attributes:
        what: for people, as ``tokens trained on``.
        unit: that it is charged by, as ``million tokens`` or ``hour``.
        quantity: units of it; null where that is not known before.
        low: end of the 95 % interval of the quantity; null where the quantity is certain.
        high: the other end.
        price: of one unit, in US dollars; null where no price is known.
        source: where the price is from, for people.
        by_the_hour: it goes on by the hour until something is taken down.
        note: why a quantity or price is not known, and the command or variable that tells it.
        maybe_published: with no price, there may be a published one all the same; older records
            lack it.
        cost: in US dollars; null where it is not known.
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
    """Charges with their sum in US dollars.

    Attributes:
        charges: one a thing that costs money.
        total: their sum; null where part of it is not known.
        most: the sum at the upper ends of the quantities; null where part of it is not known.
    """

    charges: list[ChargeBody]
    total: float | None
    most: float | None
