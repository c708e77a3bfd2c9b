"""Endpoints of the project that stand, orphans included, with what they cost by the hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mlcc_core import Charge, Context, Standing
from mlcc_sagemaker.aws.account import endpoint_of
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.money.hours import endpoint_hours
from mlcc_sagemaker.serving.components import component_names
from mlcc_sagemaker.serving.standing.described import describe_config, describe_endpoint
from mlcc_sagemaker.serving.standing.tags import PROJECT, expiry_of, tags_of

ATTEMPTS = 2
"""Tries of one request, fewer than usual: a list should not wait for long."""

AT_ONCE = 8
"""Endpoints whose tags are asked for at the same time: AWS lists endpoints without them."""


def standing(context: Context) -> Sequence[Standing]:
    """List the endpoints that this project owns, and the one that ``do/config`` names.

    Raises:
        PlatformError: the account cannot be asked.
    """
    arns = _endpoint_arns(context)

    def tags(name: str) -> Mapping[str, str]:
        return tags_of(context, name, arns[name], ATTEMPTS)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        tagged = dict(zip(arns, pool.map(tags, arns), strict=True))
    named = endpoint_of(context)
    ours = {
        name: tags
        for name, tags in tagged.items()
        if tags.get(PROJECT) == context.project or (name == named and PROJECT not in tags)
    }
    found = (_standing(context, name, tags, current=name == named) for name, tags in ours.items())
    return [thing for thing in found if thing is not None]


def _endpoint_arns(context: Context) -> Mapping[str, str]:
    """Return the ARNs of all endpoints of the region, by name."""
    with aws_call("list the endpoints", "sagemaker:ListEndpoints"):
        pages = client(context, "sagemaker", attempts=ATTEMPTS).get_paginator("list_endpoints")
        return {
            endpoint["EndpointName"]: endpoint["EndpointArn"]
            for page in pages.paginate(PaginationConfig={"PageSize": 100})
            for endpoint in page.get("Endpoints", ())
        }


def _standing(
    context: Context, name: str, tags: Mapping[str, str], *, current: bool
) -> Standing | None:
    """Return what stands under a name; ``None`` where it has gone since it was listed."""
    there = describe_endpoint(context, name, ATTEMPTS)
    if there is None:
        return None
    config = describe_config(context, there["EndpointConfigName"], ATTEMPTS)
    created = there.get("CreationTime")
    return Standing(
        name=name,
        kind="endpoint",
        status=str(there["EndpointStatus"]),
        since=None if created is None else created.timestamp(),
        charges=tuple(_charges(context, there, config)),
        expires=expiry_of(context, name, tags),
        current=current,
        holds=tuple(sorted(component_names(context, name))),
    )


def _charges(
    context: Context, endpoint: Mapping[str, Any], config: Mapping[str, Any] | None
) -> Iterator[Charge]:
    """Yield the hours of each variant's instances."""
    if config is None:
        name = endpoint["EndpointConfigName"]
        note = f"The configuration {name} is gone, which names the instance."
        yield Charge("endpoint", "hour", by_the_hour=True, note=note, maybe_published=True)
        return
    running = {each["VariantName"]: each for each in endpoint.get("ProductionVariants") or ()}
    failed = endpoint["EndpointStatus"] == "Failed"
    for variant in config["ProductionVariants"]:
        now = running.get(variant["VariantName"], {})
        count = now.get("CurrentInstanceCount") or 0
        if not count and not failed:
            count = now.get("DesiredInstanceCount") or variant.get("InitialInstanceCount") or 1
        if variant.get("InstanceType") and count:
            yield endpoint_hours(context, variant["InstanceType"], int(count))
