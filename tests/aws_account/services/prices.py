"""AWS's price list: GetProducts, with the items that a test has published."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.aws_account.account import Params, Result
from tests.aws_account.door.answers import ServiceError

PAGE = 100

FITS: Mapping[str, Callable[[str, str], bool]] = {
    "TERM_MATCH": lambda found, value: found == value,
    "EQUALS": lambda found, value: found == value,
    "CONTAINS": lambda found, value: value in found,
    "ANY_OF": lambda found, value: found in value.split(","),
    "NONE_OF": lambda found, value: found not in value.split(","),
}


class Prices:
    """Items of the price list, each a JSON string in the answer; at first there are none."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._items: list[tuple[str, dict[str, Any]]] = []

    def publish(
        self,
        service: str,
        attributes: Mapping[str, str],
        *amounts: str,
        unit: str = "Hrs",
        currency: str = "USD",
        family: str = "",
    ) -> str:
        """Add an item, and return its SKU.

        Args:
            service: its code ("AmazonSageMaker").
            attributes: as AWS writes them.
            amounts: the price of a unit, as AWS writes it ("1.4080000000"); of several, each is
                for the next thousand units.
            unit: as AWS writes it.
            currency: that the amounts are in.
            family: the product's family; empty for none, as Bedrock's are.
        """
        sku = f"SKU{len(self._items):013d}"
        offer = f"{sku}.JRTCKXETXF"
        dimensions = {
            f"{offer}.{n}": {
                "unit": unit,
                "beginRange": str(n * 1000),
                "endRange": "Inf" if n == len(amounts) - 1 else str((n + 1) * 1000),
                "description": f"{currency} {amount} per {unit}",
                "appliesTo": [],
                "rateCode": f"{offer}.{n}",
                "pricePerUnit": {currency: amount},
            }
            for n, amount in enumerate(amounts)
        }
        term = {
            "sku": sku,
            "offerTermCode": "JRTCKXETXF",
            "effectiveDate": "2026-11-01T00:00:00Z",
            "termAttributes": {},
            "priceDimensions": dimensions,
        }
        product = {"attributes": {"servicecode": service, **attributes}, "sku": sku}
        if family:
            product["productFamily"] = family
        item = {
            "product": product,
            "serviceCode": service,
            "terms": {"OnDemand": {offer: term}},
            "version": "20261101000000",
            "publicationDate": "2026-11-01T00:00:00Z",
        }
        self._items.append((json.dumps(item), item))
        return sku

    def publish_text(self, service: str, text: str) -> None:
        """Add an item that is some other text."""
        self._items.append((text, {"serviceCode": service}))

    def get_products(self, params: Params) -> Result:
        chosen = [text for text, item in self._items if _fits(item, params)]
        start = _start(params.get("NextToken"))
        end = start + params.get("MaxResults", PAGE)
        answer: Result = {"FormatVersion": "aws_v1", "PriceList": chosen[start:end]}
        return {**answer, "NextToken": str(end)} if end < len(chosen) else answer


def _fits(item: Mapping[str, Any], params: Params) -> bool:
    if item["serviceCode"] != params["ServiceCode"]:
        return False
    product = item.get("product")
    if product is None:
        return True
    fields = {
        **product["attributes"],
        "productFamily": product.get("productFamily", ""),
        "ServiceCode": item["serviceCode"],
    }
    return all(
        FITS[one["Type"]](fields.get(one["Field"], ""), one["Value"])
        for one in params.get("Filters", ())
    )


def _start(token: str | None) -> int:
    """Return the place that a page begins at.

    Raises:
        ServiceError: the token is none of ours.
    """
    if token is None:
        return 0
    if not token.isdecimal():
        raise ServiceError("InvalidNextTokenException", "The pagination token is invalid.")
    return int(token)
