"""Deployments: the instance that ``deploy`` would create."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Charge, Context, MlccError
from mlcc_sagemaker.money.hours import endpoint_hours
from mlcc_sagemaker.serving.hosting import find_hosting


def deployment_charges(context: Context) -> Sequence[Charge]:
    """Return the hours of the endpoint's instance, also where it stands: it is to go on."""
    try:
        return (endpoint_hours(context, find_hosting(context).instance),)
    except MlccError as error:
        why = error.what
        return (Charge("endpoint", "hour", by_the_hour=True, note=why, maybe_published=True),)
