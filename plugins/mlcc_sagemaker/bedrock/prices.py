"""Prices of imported models: storage by the month, and windows of 5 minutes while they are asked.

An import itself is free. A model is stored in custom model units, and each copy of it that answers
is charged by them, in windows of 5 minutes from its first answer on; how many a copy has, Bedrock
decides at the import (AWS's page import-model-calculate-cost.html, and the example of its pricing
page). Items of the price list have the feature "Custom Model Import" and usage types
``USE1-Llama-CustomModelImport-Inference-v1:0`` ("Custom Model Unit per Min") and ``…-Storage-v1:0``
("Model/month"), as public readers of the list show them (September 2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mlcc_core import Charge, Context, MlccError
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.bedrock.weights.supported import FAMILIES
from mlcc_sagemaker.money.bedrock import BEDROCK
from mlcc_sagemaker.money.price_list import equals, find_products
from mlcc_sagemaker.money.products import Price, one_price

FEATURE = "Custom Model Import"
USAGE = re.compile(
    r"[A-Z0-9]+-(?P<family>.+)-CustomModelImport-(?P<kind>Inference|Storage)-(?P<version>v\d+:\d+)\Z"
)
UNITS: Mapping[str, Mapping[str, int]] = {
    "Inference": {"Custom Model Unit per Min": 1},
    "Storage": {"Model/month": 1, "Custom Model Unit/month": 1},
}
MINUTES = 5
"""Of a window, which is charged whole."""

HOURS = 730
"""Of a month, as AWS counts them."""

HOW_MANY = (
    "Bedrock tells at the import how many units the model has. A copy that is not asked for 5 "
    "minutes costs nothing but its storage."
)


def import_charges(context: Context, architecture: str | None) -> Sequence[Charge]:
    """Return the charges for a model before it is imported.

    Args:
        context: the surroundings; the region decides the prices.
        architecture: as ``config.json`` names it; ``None`` where it is not known yet.
    """
    storage = unit_price(context, "Storage", architecture, None)
    use = unit_price(context, "Inference", architecture, None)
    return (
        Charge(
            "storage of the model",
            "custom model unit and month",
            price=storage.amount,
            source=storage.source,
            note=storage.why,
            maybe_published=storage.maybe_published,
        ),
        Charge(
            "each copy, in windows of 5 minutes while it is asked",
            "custom model unit and window",
            price=None if use.amount is None else use.amount * MINUTES,
            source=use.source,
            note=" ".join(filter(None, (use.why, HOW_MANY))),
            maybe_published=use.maybe_published,
        ),
    )


def standing_charges(
    context: Context, architecture: str | None, units: int, version: str | None
) -> Iterator[Charge]:
    """Yield the charges for a model that stands: its storage by the hour, and its use.

    Args:
        context: the surroundings; the region decides the prices.
        architecture: as ``config.json`` names it; ``None`` where no tag tells.
        units: custom model units of a copy.
        version: of the units, as Bedrock tells it: ``v1.0``.
    """
    storage = unit_price(context, "Storage", architecture, version)
    yield Charge(
        f"storage, {units} custom model units",
        "hour",
        price=None if storage.amount is None else storage.amount * units / HOURS,
        source=storage.source,
        by_the_hour=True,
        note=storage.why,
        maybe_published=storage.maybe_published,
    )
    use = unit_price(context, "Inference", architecture, version)
    yield Charge(
        f"each copy of {units} custom model units while it is asked",
        "window of 5 minutes",
        price=None if use.amount is None else use.amount * MINUTES * units,
        source=use.source,
        note=use.why,
        maybe_published=use.maybe_published,
    )


def unit_price(context: Context, kind: str, architecture: str | None, version: str | None) -> Price:
    """Return the price of a custom model unit: of a minute of use, or of a month of storage.

    Args:
        context: the surroundings.
        kind: ``Inference`` or ``Storage``.
        architecture: of the model.
        version: of the units; ``None`` for whichever, where all have one price.
    """
    try:
        region = region_of(context)
    except MlccError as error:
        return Price(why=error.what, maybe_published=True)
    family = FAMILIES.get(architecture or "")
    if family is None:
        return Price(
            why="The price depends on the architecture of the model.", maybe_published=True
        )
    wanted = {"regionCode": region, "feature": FEATURE}
    listed = find_products(context, BEDROCK, tuple(equals(n, v) for n, v in wanted.items()))
    if listed.why:
        return Price(why=listed.why, maybe_published=True)
    fitting = [
        product
        for product in listed.products
        if wanted.items() <= product.attributes.items()
        and _fits(product.attributes.get("usagetype", ""), family, kind, version)
    ]
    words = {"Inference": "minutes of use", "Storage": "storage"}[kind]
    found = one_price(fitting, UNITS[kind], f"{family} models in {region}, {words}")
    return replace(found, day=listed.day)


def _fits(usage_type: str, family: str, kind: str, version: str | None) -> bool:
    match = USAGE.match(usage_type)
    if match is None or (match["family"], match["kind"]) != (family, kind):
        return False
    return version is None or match["version"] == version.replace(".", ":")
