"""The price of a job that is over, by the seconds that the service charges for."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Charge, Context, JobNotFound
from mlcc_sagemaker.instances.job.chain import Chain
from mlcc_sagemaker.instances.job.jobs import Known
from mlcc_sagemaker.instances.job.spot import is_spot
from mlcc_sagemaker.instances.money.before import (
    NOT_COUNTED,
    hour_price,
    instances_of,
    instances_text,
    source_of,
)
from mlcc_sagemaker.money.hours import TRAINING, instance_price
from mlcc_sagemaker.money.jobs import HOUR_SECONDS

DISCOUNTED = "SageMaker counts the hours of spot instances with their discount."


def spent_charges(context: Context, name: str, known: Known) -> Sequence[Charge]:
    """Return the charge for what a job has used, its continuations included.

    With spot instances the service counts fewer seconds than passed, for the price on demand:
    ``1 - BillableTimeInSeconds / TrainingTimeInSeconds`` is what is saved.

    Args:
        context: the surroundings, with the options that the job was given.
        name: that the core gave the job.
        known: what this process knows of it.

    Returns:
        Nothing of a job that the service does not have any more.

    Raises:
        PlatformError: the service cannot be asked.
    """
    try:
        chain = known.chain or known.look(context, name)
    except JobNotFound:
        return ()
    hours = _hours(chain)
    if hours is None:
        return ()
    spot = is_spot(chain.first)
    instance, count = instances_of(chain.first)
    price = (
        instance_price(context, instance, TRAINING)
        if spot
        else hour_price(context, instance, None, spot=False)
    )
    note = " ".join(part for part in (price.why, DISCOUNTED if spot else "", NOT_COUNTED) if part)
    return (
        Charge(
            instances_text(instance, count, spot=spot),
            "hour",
            hours,
            price=None if price.amount is None else price.amount * count,
            source=source_of(price),
            note=note,
            maybe_published=price.maybe_published,
        ),
    )


def _hours(chain: Chain) -> float | None:
    """Return the hours that are charged of one instance; ``None`` where none ever began."""
    counts = [link.description.get("BillableTimeInSeconds") for link in chain.links]
    seconds = [count for count in counts if isinstance(count, int)]
    return sum(seconds) / HOUR_SECONDS if seconds else None
