"""Items of AWS's price list: their attributes, and the one price on demand that they agree on.

An item, shortened; amounts are strings, and what is paid by quantity has several dimensions:

    {"product": {"attributes": {"instanceName": "ml.g5.xlarge", "component": "Hosting", …}},
     "terms": {"OnDemand": {"SKU.OFFER": {"priceDimensions": {"SKU.OFFER.RATE": {
         "unit": "Hrs", "beginRange": "0", "endRange": "Inf",
         "pricePerUnit": {"USD": "1.4080000000"}}}}}}}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

CURRENCY = "USD"
ON_DEMAND = "OnDemand"

MOST = Decimal(10**9)
"""Dollars that no unit costs: more is a mistake of the list, or of ours."""


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """One price dimension of an item.

    Attributes:
        unit: as AWS writes it: ``Hrs``, ``1K tokens``.
        amount: of one unit, in US dollars; ``None`` where the list has no such amount.
        currencies: those that the list has it in.
    """

    unit: str
    amount: Decimal | None
    currencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """One item of the price list.

    Attributes:
        attributes: as AWS writes them.
        prices: on demand; an item can be paid for in other ways besides.
    """

    attributes: Mapping[str, str]
    prices: tuple[UnitPrice, ...]


@dataclass(frozen=True, slots=True)
class Price:
    """A price, or the reason why there is none.

    Attributes:
        amount: of one unit, in US dollars.
        why: there is none: a sentence for people.
        day: on which the list was read: ``2026-11-30``.
        maybe_published: without an amount, the list may have one all the same.
    """

    amount: float | None = None
    why: str = ""
    day: str = ""
    maybe_published: bool = False

    @property
    def source(self) -> str:
        """Return where the price is from; empty where there is none."""
        return "" if self.amount is None else f"AWS price list, {self.day}"


def read_product(item: object) -> Product | None:
    """Read one item, a JSON string as boto3 gives it; ``None`` where it is not one."""
    try:
        document = json.loads(item) if isinstance(item, str) else item
    except (ValueError, RecursionError):
        return None
    attributes = _inside(document, "product", "attributes")
    if not isinstance(attributes, Mapping):
        return None
    words = {str(name): value for name, value in attributes.items() if isinstance(value, str)}
    return Product(words, tuple(_prices(document)))


def one_price(products: Iterable[Product], units: Mapping[str, int], what: str) -> Price:
    """Return the price that all items agree on, or why there is none; nothing is guessed.

    Items that cost nothing at all are left out: the list has them for free tiers.

    Args:
        products: those that fit.
        units: AWS's name of a unit to how many of them make one of ours.
        what: is priced, to go on a sentence.

    Returns:
        Without the day.
    """
    amounts: set[Decimal] = set()
    currencies: set[str] = set()
    for product in products:
        prices = [price for price in product.prices if price.unit in units]
        found = {p.amount * units[p.unit] for p in prices if p.amount is not None}
        currencies |= {name for p in prices if p.amount is None for name in p.currencies}
        if any(found):
            amounts |= found
    if len(amounts) == 1:
        return Price(float(amounts.pop()))
    if amounts:
        several = ", ".join(f"${float(amount):g}" for amount in sorted(amounts))
        why = f"The AWS price list has several prices of {what}: {several}."
        return Price(why=why, maybe_published=True)
    if currencies:
        return Price(
            why=f"The AWS price list has the price of {what} in {', '.join(sorted(currencies))} "
            "alone.",
            maybe_published=True,
        )
    return Price(why=f"The AWS price list has no price of {what}.")


def _prices(document: object) -> Iterator[UnitPrice]:
    for term in _values(_inside(document, "terms", ON_DEMAND)):
        for dimension in _values(_inside(term, "priceDimensions")):
            by_currency = _inside(dimension, "pricePerUnit")
            known = by_currency if isinstance(by_currency, Mapping) else {}
            yield UnitPrice(
                str(_inside(dimension, "unit")),
                _amount(known.get(CURRENCY)),
                tuple(sorted(str(name) for name in known)),
            )


def _amount(text: object) -> Decimal | None:
    try:
        amount = Decimal(text) if isinstance(text, str) else None
    except InvalidOperation:
        return None
    if amount is None or not amount.is_finite() or not 0 <= amount < MOST:
        return None
    return amount


def _inside(document: object, *names: str) -> object:
    for name in names:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document


def _values(document: object) -> Sequence[object]:
    return tuple(document.values()) if isinstance(document, Mapping) else ()
