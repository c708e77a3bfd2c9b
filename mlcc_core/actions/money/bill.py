"""Bills: charges added up, told to people, and held to a limit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlcc_core.contract.money.charge import Charge
from mlcc_core.errors import MlccError

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
    def most(self) -> float | None:
        """Return US dollars at the upper ends of all quantities; ``None`` as for :attr:`total`."""
        return _sum([self._ended(charge).most for charge in self.charges])

    def lines(self) -> Iterator[str]:
        """Say it to people.

        Example:
            💰 tokens trained on: 1.5 million tokens × $2.00 (yours) = $3.00
            💰 endpoint ml.g6.12xlarge: $5.67 an hour (AWS price list) until it is taken down
            💰 hours of the job: no price is published
        """
        for charge in self.charges:
            yield f"💰 {in_words(self._ended(charge))}"
            if charge.note:
                yield f"   {charge.note}"
        if len(self.charges) > 1 and self.total is not None:
            yield f"💰 In all: {dollars(self.total)}"

    def document(self) -> dict[str, object]:
        """Return it as ``--json`` documents and records have it."""
        charges = [self._ended(charge) for charge in self.charges]
        return {
            "charges": [{**dataclasses.asdict(c), "cost": c.cost} for c in charges],
            "total": self.total,
            "most": self.most,
        }

    def hold_to(self, limit: float | None, command: str) -> None:
        """Refuse what may cost more than a limit, or an amount that is not known.

        Args:
            limit: US dollars; ``None`` for none.
            command: the same command without the limit, for the hint.

        Raises:
            MlccError: it may.
        """
        if limit is None or not self.charges:
            return
        hint = f"{command}   # without {MAX_COST}"
        unknown = [self._ended(c) for c in self.charges if self._ended(c).most is None]
        if unknown:
            what = "; ".join(in_words(charge) for charge in unknown)
            raise MlccError(
                f"{MAX_COST} {limit:g} cannot be kept: the cost is not known ({what}).",
                where=MAX_COST,
                hint=hint,
                detail=tuple(charge.note for charge in unknown if charge.note),
            )
        most = self.most or 0.0
        if most > limit:
            raise MlccError(
                f"This may cost {dollars(most)}, more than {MAX_COST} {limit:g} allows.",
                where=MAX_COST,
                hint=hint,
                detail=tuple(in_words(self._ended(charge)) for charge in self.charges),
            )

    def _ended(self, charge: Charge) -> Charge:
        """Return a charge by the hour with the hours that it is to stand."""
        if not charge.by_the_hour or charge.quantity is not None or self.hours is None:
            return charge
        return dataclasses.replace(charge, quantity=self.hours)


def in_words(charge: Charge) -> str:
    """Return a charge for people: ``tokens: 1.5 million tokens × $2.00 (yours) = $3.00``."""
    source = f" ({charge.source})" if charge.source else ""
    if charge.price is None:
        counted = "" if charge.quantity is None else f"{_quantity(charge)}, "
        return f"{charge.what}: {counted}no price is published"
    if charge.quantity is None:
        until = " until it is taken down" if charge.by_the_hour else "; how many is not known"
        return f"{charge.what}: {dollars(charge.price)} {_per(charge.unit)}{source}{until}"
    cost = charge.cost or 0.0
    most = charge.most or cost
    between = "" if most == cost else f", at most {dollars(most)}"
    price = f"{dollars(charge.price)}{source}"
    return f"{charge.what}: {_quantity(charge)} × {price} = {dollars(cost)}{between}"


def dollars(amount: float) -> str:
    """Return an amount for people, a small one with the digits that tell it from zero."""
    if amount and abs(amount) < 0.01:
        return f"${amount:.2g}"
    return f"${amount:,.2f}"


def _quantity(charge: Charge) -> str:
    number = f"{charge.quantity:,.4g}"
    if charge.low is not None and charge.high is not None and charge.low != charge.high:
        number += f" ({charge.low:,.4g} to {charge.high:,.4g})"
    plain = charge.quantity == 1 or charge.unit.startswith("million")
    return f"{number} {charge.unit}{'' if plain else 's'}"


def _per(unit: str) -> str:
    return "an hour" if unit == "hour" else f"a {unit}"


def _sum(amounts: Sequence[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None
