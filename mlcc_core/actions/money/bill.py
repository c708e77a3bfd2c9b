"""Bills: charges added up, told to people, and held to a limit."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from mlcc_core.contract.money.charge import Charge
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import indented, with_article
from mlcc_core.project.cost import ChargeBody, CostBody

MAX_COST = "--max-cost"


@dataclass(frozen=True)
class Bill:
    """Everything that one command is about to spend; empty where it costs nothing.

    Attributes:
        charges: a price or none each.
        hours: how long what costs by the hour is to stand; ``None`` for no end.
    """

    charges: tuple[Charge, ...] = ()
    hours: float | None = None

    @property
    def total(self) -> float | None:
        """Return US dollars in all; ``None`` where part of it is not known."""
        return _sum([self._ended(charge).cost for charge in self.charges])

    @property
    def hourly(self) -> float | None:
        """Return US dollars an hour while all of it stands; ``None`` where that is not known."""
        prices = [charge.price for charge in self.charges if charge.by_the_hour]
        return _sum(prices) if prices else None

    @property
    def amount(self) -> float | None:
        """Return :attr:`total`, and ``None`` also where there are no charges."""
        return self.total if self.charges else None

    @property
    def most(self) -> float | None:
        """Return US dollars at the upper ends of all quantities; ``None`` as for :attr:`total`."""
        return _sum([self._ended(charge).most for charge in self.charges])

    def lines(self, before: str = "") -> Iterator[str]:
        """Say it to people; a note that several charges have is said once, after the last.

        Args:
            before: first words of each line.

        Example:
            💰 tokens trained on: 1.5 million tokens × $2.00 (yours) = $3.00
            💰 endpoint ml.g6.12xlarge: $5.67 an hour (AWS price list) until it is taken down
            💰 hours of the job: no price is published
        """
        for place, charge in enumerate(self.charges, start=1):
            yield f"💰 {before}{in_words(self._ended(charge))}"
            if charge.note and all(charge.note != later.note for later in self.charges[place:]):
                yield indented(f"   {charge.note}")
        if len(self.charges) > 1 and self.total is not None:
            yield f"💰 {before}in all: {amount_in_words(self.total, self.most)}"

    def document(self) -> CostBody:
        """Return it as ``--json`` documents and records have it."""
        charges = [_body(self._ended(charge)) for charge in self.charges]
        return {"charges": charges, "total": self.total, "most": self.most}

    def hold_to(self, limit: float | None, command: str, *, draft: bool = False) -> None:
        """Refuse what may cost more than a limit, or an amount that is not known.

        Args:
            limit: US dollars; ``None`` for none.
            command: the same command without the limit, for the hint.
            draft: quantities are still to be counted: only refuse what no count can mend.

        Raises:
            MlccError: it may.
        """
        if limit is None or not self.charges:
            return
        hint = f"{command}   # without {MAX_COST}"
        charges = [self._ended(charge) for charge in self.charges]
        unknown = [c for c in charges if (c.price if draft else c.most) is None]
        if unknown:
            what = "; ".join(in_words(charge) for charge in unknown)
            raise MlccError(
                f"{MAX_COST} {limit:g} cannot be kept: the cost is not known ({what}).",
                where=MAX_COST,
                hint=hint,
                detail=tuple(dict.fromkeys(charge.note for charge in unknown if charge.note)),
            )
        most = sum(charge.most or 0.0 for charge in charges)
        if most > limit:
            raise MlccError(
                f"This may cost {exact_dollars(most)}, more than {MAX_COST} {limit:g} allows.",
                where=MAX_COST,
                hint=hint,
                detail=tuple(in_words(charge) for charge in charges),
            )

    def _ended(self, charge: Charge) -> Charge:
        """Return a charge by the hour with the hours that it is to stand."""
        if not charge.by_the_hour or charge.quantity is not None or self.hours is None:
            return charge
        return dataclasses.replace(charge, quantity=self.hours)


def untold(platform: Platform, unit: str) -> tuple[Charge, ...]:
    """Return the charge for work of a platform that takes money and has no pricing: never free.

    Args:
        platform: that works; nothing is charged where it takes no money.
        unit: ``job``, ``evaluation``; what is charged by the ``hour`` goes on by the hour.
    """
    if not platform.costs_money:
        return ()
    hourly = unit == "hour"
    return (
        Charge(
            f"{'deployment' if hourly else unit} on {platform.name}",
            unit,
            None if hourly else 1.0,
            by_the_hour=hourly,
            note="The platform tells no prices.",
            maybe_published=True,
        ),
    )


def saved_bill(body: CostBody | None) -> Bill:
    """Return the bill that a record holds; an empty one where it holds none."""
    charges = [] if body is None else body["charges"]
    return Bill(tuple(_charge(each) for each in charges))


def check_limit(limit: float | None, command: str) -> None:
    """Refuse a limit that is not an amount of US dollars above 0.

    Args:
        limit: as it was given; ``None`` for none.
        command: the same command without the limit, for the hint.

    Raises:
        MlccError: it is not.
    """
    if limit is None or (math.isfinite(limit) and limit > 0):
        return
    raise MlccError(
        f"{MAX_COST} is {limit:g}, expected US dollars above 0.",
        where=MAX_COST,
        hint=f"{command}   # without {MAX_COST}",
    )


def in_words(charge: Charge) -> str:
    """Return a charge for people: ``tokens: 1.5 million tokens × $2.00 (yours) = $3.00``."""
    source = f" ({charge.source})" if charge.source else ""
    if charge.price is None:
        counted = "" if charge.quantity is None else f"{_quantity(charge)}, "
        none = "the price is not known" if charge.maybe_published else "no price is published"
        return f"{charge.what}: {counted}{none}"
    price = f"{exact_dollars(charge.price)}{source}"
    if charge.quantity is None:
        by_unit = f"{exact_dollars(charge.price)} {_per(charge.unit)}{source}"
        if charge.by_the_hour:
            return f"{charge.what}: {by_unit} until it is taken down"
        most = "" if charge.high is None else f", at most {dollars(charge.high * charge.price)}"
        return f"{charge.what}: {by_unit}; how many is not known yet{most}"
    cost = amount_in_words(charge.cost or 0.0, charge.most)
    return f"{charge.what}: {_quantity(charge)} × {price} = {cost}"


def amount_in_words(cost: float, most: float | None) -> str:
    """Return an amount, and its upper end where that is another one: ``$3.00, at most $3.10``."""
    text = dollars(cost)
    return text if most is None or dollars(most) == text else f"{text}, at most {dollars(most)}"


def dollars(amount: float) -> str:
    """Return an amount for people, to the cent; a smaller one with two digits.

    Example:
        ``$1,234.50``, ``$0.0042``
    """
    return f"${amount:,.2f}" if amount >= 0.01 or not amount else f"${_plain(amount, 2)}"


def exact_dollars(amount: float) -> str:
    """Return a price for people, with the digits that it has beyond cents: ``$5.672``."""
    text = _plain(amount, 6)
    cents = len(text.partition(".")[2])
    return f"${text}" if cents > 2 else f"${amount:,.2f}"


def _quantity(charge: Charge) -> str:
    quantity = charge.quantity or 0.0
    number = _plain(quantity, 4)
    if charge.low is not None and charge.high is not None and charge.low != charge.high:
        number += f" ({_plain(charge.low, 4)} to {_plain(charge.high, 4)})"
    one = quantity == 1 or charge.unit.endswith("s")
    return f"{number} {charge.unit}{'' if one else 's'}"


def _plain(number: float, digits: int) -> str:
    """Return a number with so many digits, all of its whole part, and no exponent."""
    size = math.floor(math.log10(abs(number))) if number else 0
    text = f"{number:,.{max(0, digits - 1 - size)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _per(unit: str) -> str:
    return "an hour" if unit == "hour" else with_article(unit)


def _body(charge: Charge) -> ChargeBody:
    return cast("ChargeBody", {**dataclasses.asdict(charge), "cost": charge.cost})


def _charge(body: ChargeBody) -> Charge:
    members: Mapping[str, Any] = body
    names = [field.name for field in dataclasses.fields(Charge)]
    return Charge(**{name: members[name] for name in names if name in members})


def _sum(amounts: Sequence[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None
