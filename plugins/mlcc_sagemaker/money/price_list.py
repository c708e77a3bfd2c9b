"""AWS's price list: asked once a process and a day, within seconds, and never an error."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcc_core import Context, MlccError
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.aws.calls import aws_call
from mlcc_sagemaker.money.kept import cache_file, day_of, keep, read_kept
from mlcc_sagemaker.money.products import Product, read_product

if TYPE_CHECKING:
    import boto3

SERVICE = "pricing"
ACTION = "pricing:GetProducts"
DOING = "read the AWS price list"

SECONDS = 3.0
"""Patience for a connection and for an answer: a price is worth no more."""

ALL_SECONDS = 6.0
"""Patience for further pages; what is asked for here has one, or two."""

PAGE = 100
"""Items of one answer, the most that the service gives."""

FIRST_CHOICE = "us-east-1"

Query = tuple[tuple[str, str, str], ...]
"""Filters that all have to fit, each with its type, the attribute and the value."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The answer of the price list.

    Attributes:
        products: that fit.
        day: on which the list was asked: ``2026-11-30``.
        why: it could not be read: a sentence for people.
    """

    products: tuple[Product, ...] = ()
    day: str = ""
    why: str = ""


_ANSWERS: dict[tuple[object, ...], Listed] = {}
"""Answers to this process: by asker and query; a refusal by the asker alone, for all queries."""


def find_products(context: Context, service: str, filters: Query) -> Listed:
    """Return the items of the price list that fit, or why they cannot be read.

    Args:
        context: the surroundings; the region's partition decides which list is asked.
        service: AWS's code of it: ``AmazonSageMaker``.
        filters: all of them have to fit.

    Example:
        >>> find_products(context, "AmazonSageMaker", (equals("component", "Hosting"),)).day
        '2026-11-30'
    """
    endpoint = _setting(context, "AWS_ENDPOINT_URL_PRICING", "AWS_ENDPOINT_URL")
    region = _setting(context, "AWS_REGION", "AWS_DEFAULT_REGION")
    asker = (str(context.root), context.settings.get("AWS_PROFILE"), endpoint, region)
    query = (*asker, service, filters)
    if query not in _ANSWERS:
        kept_in = cache_file(endpoint, service, filters)
        kept = read_kept(kept_in, time.time())
        listed = _listed(*kept) if kept else None
        if listed is None and asker in _ANSWERS:
            return _ANSWERS[asker]
        try:
            _ANSWERS[query] = listed or _listed_anew(context, service, filters, kept_in)
        except MlccError as error:
            _ANSWERS[asker] = Listed(why=_reason(error))
            return _ANSWERS[asker]
    return _ANSWERS[query]


def _listed_anew(context: Context, service: str, filters: Query, kept_in: Path) -> Listed:
    """Return the answer of the service, which is kept unless it is not understood.

    Raises:
        MlccError: AWS cannot be asked, or takes too long.
    """
    now = time.time()
    items = tuple(_ask(context, service, filters))
    listed = _listed(now, items)
    if listed is None:
        return Listed(why="The answer of the AWS price list is not understood.")
    keep(kept_in, now, items)
    return listed


def equals(attribute: str, value: str) -> tuple[str, str, str]:
    """Return the filter for an attribute that has a value."""
    return ("TERM_MATCH", attribute, value)


def nearest_region(session: boto3.Session, region: str) -> str | None:
    """Return the region of the partition that is asked: few have the service.

    By botocore: us-east-1, eu-central-1, ap-south-1; cn-northwest-1 in China. A company's policy
    may allow its own region or continent alone, so these come first.

    Returns:
        ``None`` where the partition has no such service, as aws-us-gov.
    """
    partition = session.get_partition_for_region(region)
    offered = session.get_available_regions(SERVICE, partition_name=partition)
    continent = region.partition("-")[0]

    def distance(other: str) -> tuple[bool, bool, bool, str]:
        near = other.partition("-")[0] == continent
        return (other != region, not near, other != FIRST_CHOICE, other)

    return min(offered, key=distance, default=None)


def _ask(context: Context, service: str, filters: Query) -> Iterator[str]:
    """Yield the items that fit, as JSON.

    Raises:
        MlccError: AWS cannot be asked, or takes too long.
    """
    region = region_of(context)
    from mlcc_aws import sessions

    until = time.monotonic() + ALL_SECONDS
    wanted: dict[str, Any] = {
        "ServiceCode": service,
        "FormatVersion": "aws_v1",
        "MaxResults": PAGE,
        "Filters": [{"Type": kind, "Field": name, "Value": value} for kind, name, value in filters],
    }
    with aws_call(DOING, ACTION):
        asked = nearest_region(sessions.boto_session(context.settings), region)
        if asked is None:
            raise MlccError(f"AWS has no service for its price list in the partition of {region}.")
        settings = {**context.settings, "AWS_REGION": asked}
        client: Any = sessions.client(settings, SERVICE, attempts=1, seconds=SECONDS)
        while True:
            answer: Mapping[str, Any] = client.get_products(**wanted)
            for item in answer.get("PriceList") or ():
                yield item if isinstance(item, str) else json.dumps(item)
            if not answer.get("NextToken"):
                return
            if time.monotonic() > until:
                raise MlccError("The AWS price list takes too long to read.")
            wanted["NextToken"] = answer["NextToken"]


def _listed(asked: float, items: Sequence[str]) -> Listed | None:
    """Return the answer, read; ``None`` where an item is none: it may be the one with the price."""
    products = [read_product(item) for item in items]
    if any(product is None for product in products):
        return None
    return Listed(tuple(product for product in products if product), day_of(asked))


def _reason(error: MlccError) -> str:
    """Return why the list cannot be read, with the permission where it is missing."""
    denied = error.where == "AWS permissions" and ACTION not in error.what
    return f"{error.what} It takes the permission {ACTION}." if denied else error.what


def _setting(context: Context, *names: str) -> str:
    """Return the first of some settings that has a value."""
    return next((context.settings[name] for name in names if context.settings.get(name)), "")
