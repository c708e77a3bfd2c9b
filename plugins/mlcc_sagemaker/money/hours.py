"""Hours of instances, as endpoints and training jobs are charged."""

from __future__ import annotations

from dataclasses import replace

from mlcc_core import Charge, Context, MlccError
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.money.price_list import equals, find_products
from mlcc_sagemaker.money.products import Price, one_price

SAGEMAKER = "AmazonSageMaker"
HOSTING, TRAINING = "Hosting", "Training"
"""Components of the price list: an instance has a price for each, and they may differ."""

HOURS = {"Hrs": 1}


def endpoint_hours(context: Context, instance: str, count: int = 1) -> Charge:
    """Return the charge for an endpoint's instances by the hour.

    A volume that an instance may need besides is not counted.

    Args:
        context: the surroundings; the region decides the price.
        instance: its type, ``ml.g6.12xlarge``.
        count: how many stand.
    """
    several = f"{count} × " if count != 1 else ""
    price = instance_price(context, instance)
    return Charge(
        f"endpoint {several}{instance}",
        "hour",
        price=None if price.amount is None else price.amount * count,
        source=price.source,
        by_the_hour=True,
        note=price.why,
        maybe_published=price.maybe_published,
    )


def instance_price(context: Context, instance: str, component: str = HOSTING) -> Price:
    """Return the price on demand of one hour of an instance.

    Items have ``regionCode``, ``instanceName`` ("ml.g5.xlarge"), ``component`` ("Hosting", beside
    "Training", "studio-jupyterlab", …), ``usagetype`` ("USE1-Host:ml.g5.xlarge") and the unit
    "Hrs": github.com/awslabs/llmeter, llmeter/callbacks/cost/providers/sagemaker.py.

    Args:
        context: the surroundings; the region decides the price.
        instance: its type, ``ml.g6.12xlarge``.
        component: what it is used for: ``HOSTING`` or ``TRAINING``.
    """
    try:
        region = region_of(context)
    except MlccError as error:
        return Price(why=error.what, maybe_published=True)
    wanted = {"regionCode": region, "instanceName": instance, "component": component}
    filters = tuple(equals(name, value) for name, value in wanted.items())
    listed = find_products(context, SAGEMAKER, filters)
    if listed.why:
        return Price(why=listed.why, maybe_published=True)
    fitting = [p for p in listed.products if wanted.items() <= p.attributes.items()]
    found = one_price(fitting, HOURS, f"{instance} in {region}")
    return replace(found, day=listed.day)
