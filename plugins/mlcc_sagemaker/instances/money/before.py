"""The price of a job before it is created: by the hour, up to the hour at which it is stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlcc_core import Charge, Context, Request
from mlcc_sagemaker.money import yours
from mlcc_sagemaker.money.hours import TRAINING, instance_price
from mlcc_sagemaker.money.jobs import HOUR_SECONDS, HOURS_NOT_KNOWN, job_of
from mlcc_sagemaker.money.products import Price

NOT_COUNTED = "The volumes of instances, S3 and logs are charged besides, and not counted."


def job_charges(
    context: Context, request: Request, options: Mapping[str, object]
) -> Sequence[Charge]:
    """Return the charge for the hours of a job's instances.

    Args:
        context: the surroundings.
        request: of the job.
        options: the platform's own, of the job.
    """
    job = job_of(request)
    spot = bool(job.get("EnableManagedSpotTraining"))
    instance, count = instances_of(job)
    price = hour_price(context, instance, options, spot=spot)
    most = _most_hours(job, spot=spot)
    ends = "" if most is None else f" It is stopped after {most:g} h at the latest."
    note = f"{HOURS_NOT_KNOWN}{ends} {price.why} {NOT_COUNTED}"
    return (
        Charge(
            instances_text(instance, count, spot=spot),
            "hour",
            high=most,
            price=None if price.amount is None else price.amount * count,
            source=source_of(price),
            note=" ".join(note.split()),
            maybe_published=price.maybe_published,
        ),
    )


def hour_price(
    context: Context, instance: str, options: Mapping[str, object] | None, *, spot: bool
) -> Price:
    """Return the price of an hour of one instance: the user's, else the list's on demand.

    AWS publishes prices of spot instances for EC2 alone; on demand it would cost more.

    Args:
        context: the surroundings.
        instance: its type.
        options: of the job that is about to be created; ``None`` where none is.
        spot: it is spare capacity, which has another price.
    """
    own = yours.your_price(context, yours.HOURS, options)
    if own.amount is not None:
        return own
    listed = instance_price(context, instance, TRAINING)
    if not spot:
        return listed if listed.amount is not None else _both(listed, own)
    full = (
        f"AWS publishes no price of spot instances for training; on demand {instance} is "
        f"${listed.amount:g} an hour ({listed.source})."
        if listed.amount is not None
        else f"AWS publishes no price of spot instances for training. {listed.why}"
    )
    return Price(why=f"{full} {own.why}")


def source_of(price: Price) -> str:
    """Return where a price is from, for people; empty where there is none."""
    if price.amount is None:
        return ""
    return price.source if price.day else yours.SOURCE


def _both(listed: Price, own: Price) -> Price:
    return Price(why=f"{listed.why} {own.why}", maybe_published=listed.maybe_published)


def instances_of(job: Mapping[str, Any]) -> tuple[str, int]:
    """Return the type of a job's instances, and how many there are."""
    config = job.get("ResourceConfig") or {}
    return str(config.get("InstanceType") or "instance"), int(config.get("InstanceCount") or 1)


def instances_text(instance: str, count: int, *, spot: bool) -> str:
    """Return what is charged, for people: ``training on 2 × ml.g5.2xlarge (spot)``."""
    several = f"{count} × " if count != 1 else ""
    return f"training on {several}{instance}{' (spot)' if spot else ''}"


def _most_hours(job: Mapping[str, Any], *, spot: bool) -> float | None:
    """Return the hours after which the service stops the job; with spot the waiting counts."""
    condition = job.get("StoppingCondition") or {}
    runs, waits = condition.get("MaxRuntimeInSeconds"), condition.get("MaxWaitTimeInSeconds")
    seconds = waits if spot and waits is not None else runs
    return seconds / HOUR_SECONDS if isinstance(seconds, (int, float)) else None
