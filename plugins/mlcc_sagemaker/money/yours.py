"""Prices that the user names, where AWS publishes none."""

from __future__ import annotations

from collections.abc import Mapping

from mlcc_core import Context, Option, Setting
from mlcc_sagemaker.aws.account import options_of
from mlcc_sagemaker.money.products import Price

SOURCE = "yours"

TOKENS = Option(
    "--price-per-million-tokens",
    float,
    "Your price of a million tokens of training (default: PRICE_PER_MILLION_TOKENS)",
    "USD",
    minimum=0,
    decides=False,
)
HOURS = Option(
    "--price-per-hour",
    float,
    "Your price of an hour of training, of each instance (default: PRICE_PER_HOUR)",
    "USD",
    minimum=0,
    decides=False,
)
OPTIONS = (TOKENS, HOURS)

SETTINGS = (
    Setting(
        "PRICE_PER_MILLION_TOKENS",
        "Your price of a million tokens of serverless training, in US dollars",
    ),
    Setting(
        "PRICE_PER_HOUR",
        "Your price of an hour of training, of each instance, in US dollars",
    ),
)
VARIABLES = {TOKENS: "PRICE_PER_MILLION_TOKENS", HOURS: "PRICE_PER_HOUR"}


def your_price(
    context: Context, option: Option, given: Mapping[str, object] | None = None
) -> Price:
    """Return the price that the user names, by flag or variable; else how to name one.

    Args:
        context: the surroundings.
        option: ``TOKENS`` or ``HOURS``.
        given: the options of the job that is about to be created; ``None`` where none is.
    """
    variable = VARIABLES[option]
    value = options_of(context, given).get(option.key)
    text = context.settings.get(variable, "").strip() if value is None else str(value)
    how = f"set {variable} in do/config"
    if given is not None:
        how += f", or pass {option.flag} USD"
    if not text:
        return Price(why=f"To name yours: {how}.")
    if expected := price_expected(option, text):
        return Price(why=f"{variable} is {text!r}, expected {expected}: {how}.")
    return Price(float(text))


def price_expected(option: Option, text: str) -> str | None:
    """Return what a price is to be, where a text is not one; ``None`` where it is."""
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    return None if option.check(amount) is None else option.range_text()
