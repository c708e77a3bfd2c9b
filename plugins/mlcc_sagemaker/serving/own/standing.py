"""The base model that the project's endpoint serves already, with all that was chosen for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcc_core import Context
from mlcc_sagemaker.serving import components, names
from mlcc_sagemaker.serving.containers import describe_container, serves
from mlcc_sagemaker.serving.own.names import OwnBase
from mlcc_sagemaker.serving.standing.described import describe_config, describe_endpoint


@dataclass(frozen=True, slots=True)
class StandingBase:
    """A base model that is deployed.

    Attributes:
        environment: of its container.
        place: its prefix or archive in S3; empty for a model of the Hub.
        compute: of its component.
    """

    environment: Mapping[str, str]
    place: str
    compute: Mapping[str, int]


def standing_instance(context: Context) -> str:
    """Return the instance of the project's endpoint; empty where none stands."""
    endpoint = describe_endpoint(context)
    config = endpoint and describe_config(context, endpoint["EndpointConfigName"])
    variants: Sequence[Mapping[str, Any]] = (config or {}).get("ProductionVariants") or ({},)
    return str(variants[0].get("InstanceType") or "")


def standing_base(context: Context, base: OwnBase) -> StandingBase | None:
    """Return the deployed base; ``None`` where it is not deployed, or another model in its place.

    A revision that the project names is looked up again: it may be a branch.
    """
    if base.hub is not None and base.hub.revision is not None:
        return None
    there = components.describe(context, names.base_component(context))
    specification: Mapping[str, Any] = (there or {}).get("Specification") or {}
    container = describe_container(context, str(specification.get("ModelName") or ""))
    if not serves(container, base.hub.id if base.hub else base.uri):
        return None
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    compute = specification.get("ComputeResourceRequirements") or {}
    return StandingBase(
        dict(container.get("Environment") or {}), str(source.get("S3Uri") or ""), dict(compute)
    )
