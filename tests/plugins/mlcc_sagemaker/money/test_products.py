"""Items of the price list are read whatever they hold, and no price is guessed."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from mlcc_sagemaker.money.products import Product, one_price, read_product

HOURS = {"Hrs": 1}
TOKENS = {"1K tokens": 1000, "1M tokens": 1}

words = st.sampled_from(
    ["product", "attributes", "terms", "OnDemand", "priceDimensions", "pricePerUnit", "USD", "unit"]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | words
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)
cents = st.integers(min_value=1, max_value=10**6)


def item(*dimensions: dict, attributes: dict | None = None, kind: str = "OnDemand") -> str:
    """An item with one offer; each dimension is given as it stands."""
    rates = {f"SKU.OFFER.{n}": dimension for n, dimension in enumerate(dimensions)}
    return json.dumps(
        {
            "product": {"attributes": attributes or {}, "sku": "SKU"},
            "terms": {kind: {"SKU.OFFER": {"priceDimensions": rates}}},
        }
    )


def by_hour(amount: str, currency: str = "USD", unit: str = "Hrs") -> dict:
    return {"unit": unit, "pricePerUnit": {currency: amount}}


def price(*items: str, units=HOURS):
    products = [read_product(text) for text in items]
    assert all(products)
    return one_price([product for product in products if product], units, "it")


@given(documents)
def test_any_document_is_read_or_left(document):
    for text in (json.dumps(document, default=str), document):
        product = read_product(text)
        if product is not None:
            found = one_price([product], HOURS, "it")
            assert (found.amount is None) == bool(found.why)


@given(st.text(max_size=30))
def test_any_amount_is_a_number_of_dollars_or_none(text):
    found = price(item(by_hour(text)))
    assert found.amount is None or 0 < found.amount < 1e9


@given(cents, st.integers(min_value=1, max_value=4))
def test_items_that_agree_have_one_price(amount, times):
    texts = [item(by_hour(f"{amount / 100:.{digits}f}")) for digits in range(2, 2 + times)]
    assert price(*texts).amount == amount / 100


@given(st.lists(cents, min_size=2, max_size=4, unique=True), st.booleans())
def test_items_or_tiers_that_differ_have_none(amounts, tiers):
    dimensions = [by_hour(f"{amount / 100:.10f}") for amount in amounts]
    texts = [item(*dimensions)] if tiers else [item(dimension) for dimension in dimensions]
    found = price(*texts)
    assert found.amount is None
    assert found.why.startswith("The AWS price list has several prices of it: $")


def test_an_item_that_is_free_is_left_out_and_a_free_tier_is_not():
    free, paid = by_hour("0.0000000000"), by_hour("1.5150000000")
    assert price(item(free), item(paid)).amount == 1.515
    assert price(item(free)).why == "The AWS price list has no price of it."
    assert price(item(free, paid)).amount is None


def test_another_currency_is_said():
    assert price(item(by_hour("10.53", "CNY"))).why == (
        "The AWS price list has the price of it in CNY alone."
    )
    assert price(item(by_hour("10.53", "CNY")), item(by_hour("1.5"))).amount == 1.5


def test_units_make_a_million_or_are_left_out():
    thousand, million = by_hour("0.00015", unit="1K tokens"), by_hour("0.15", unit="1M tokens")
    assert price(item(thousand), item(million), units=TOKENS).amount == 0.15
    assert price(item(by_hour("1", unit="1B tokens")), units=TOKENS).amount is None


def test_what_is_paid_for_in_another_way_is_no_price_on_demand():
    assert price(item(by_hour("0.5"), kind="Reserved")).amount is None


def test_attributes_are_words():
    text = item(attributes={"component": "Hosting", "vCpu": 8, "gone": None})
    assert read_product(text) == Product({"component": "Hosting"}, ())
