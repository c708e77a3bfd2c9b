"""Hours of instances, as endpoints are charged."""

from __future__ import annotations

from mlcc_core import Charge, Context


def endpoint_hours(context: Context, instance: str, count: int = 1) -> Charge:
    """Return the charge for an endpoint's instances by the hour.

    Args:
        context: the surroundings; the region decides the price.
        instance: its type, ``ml.g6.12xlarge``.
        count: how many stand.
    """
    several = f"{count} × " if count != 1 else ""
    return Charge(f"endpoint {several}{instance}", "hour", by_the_hour=True)
