"""Inference components: found, described, created."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from mlcc_core import Adapter, Context, MlccError, PlatformError
from mlcc_sagemaker.aws.account import endpoint_of
from mlcc_sagemaker.aws.calls import aws_call, client, found, quota
from mlcc_sagemaker.serving.containers import weights_of
from mlcc_sagemaker.serving.names import base_component, tags
from mlcc_sagemaker.serving.waiting import wait_until_gone, wait_until_in_service

STATUS = "InferenceComponentStatus"


def deployed(context: Context) -> Sequence[Adapter]:
    """List what is deployed beside the base model, by name."""
    base = base_component(context)
    names = sorted(name for name in component_names(context) if name != base)
    described = [describe(context, name) for name in names]
    return [as_adapter(context, one) for one in described if one is not None]


def component_names(context: Context, endpoint: str | None = None) -> list[str]:
    """Names of all components on the project's endpoint, or on another one."""
    with aws_call("list the inference components", "sagemaker:ListInferenceComponents"):
        pages = client(context, "sagemaker").get_paginator("list_inference_components")
        return [
            component["InferenceComponentName"]
            for page in pages.paginate(EndpointNameEquals=endpoint or endpoint_of(context))
            for component in page.get("InferenceComponents", ())
        ]


def describe(context: Context, name: str) -> Mapping[str, Any] | None:
    """A component of any endpoint; ``None`` when there is none of that name."""
    answer: Mapping[str, Any] | None = found(
        lambda: client(context, "sagemaker").describe_inference_component(
            InferenceComponentName=name
        ),
        f"look at the inference component {name}",
        "sagemaker:DescribeInferenceComponent",
    )
    return answer


def as_adapter(context: Context, component: Mapping[str, Any]) -> Adapter:
    """A component in the framework's words."""
    specification = component.get("Specification") or {}
    adapter = bool(specification.get("BaseInferenceComponentName"))
    if adapter:
        source = str((specification.get("Container") or {}).get("ArtifactUrl") or "")
    else:
        source = weights_of(context, str(specification.get("ModelName") or ""))
    return Adapter(
        name=str(component["InferenceComponentName"]),
        kind="adapter" if adapter else "model",
        source=source,
        status=str(component.get(STATUS) or ""),
    )


def require_free(context: Context, name: str) -> None:
    """Refuse a name that a component has already, on whatever endpoint.

    Raises:
        MlccError: it is taken.
    """
    there = describe(context, name)
    if there is None:
        return
    ours = there["EndpointName"] == endpoint_of(context) and name != base_component(context)
    raise MlccError(
        f"The name {name!r} is taken: it is deployed on the endpoint {there['EndpointName']}.",
        hint=f"./do/adapter remove {name}" if ours else "choose another name",
    )


def require_base(context: Context) -> str:
    """The component of the base model, which must be in service.

    Raises:
        MlccError: nothing is deployed.
    """
    name = base_component(context)
    there = describe(context, name)
    if there is None:
        raise MlccError(
            f"No base model is deployed on the endpoint {endpoint_of(context)}.",
            hint="./do/deploy",
        )
    if there.get(STATUS) not in ("InService", "Updating"):
        raise MlccError(
            f"The base model is {there.get(STATUS)}, expected InService.", hint="./do/deploy"
        )
    return name


def create(context: Context, name: str, arguments: Mapping[str, Any], seconds: float) -> Adapter:
    """Create a component and wait until it is in service; one that fails is removed again.

    Raises:
        PlatformError: it cannot be created, or failed.
    """
    doing = f"create the inference component {name}"
    on = {"ResourceLimitExceeded": lambda words: quota(doing, words)}
    try:
        with aws_call(doing, "sagemaker:CreateInferenceComponent", on):
            client(context, "sagemaker").create_inference_component(
                InferenceComponentName=name,
                EndpointName=endpoint_of(context),
                Tags=tags(context),
                **arguments,
            )
    except PlatformError:
        # The answer may have been lost; then the component is there.
        if describe(context, name) is None:
            raise
    try:
        return waited_for(context, name, seconds)
    except PlatformError as error:
        if error.detail:
            _remove_failed(context, name, seconds)
        raise


def waited_for(context: Context, name: str, seconds: float) -> Adapter:
    """Wait until a component is in service, and return it.

    Raises:
        PlatformError: it failed, or is gone.
    """
    wait_for(context, name, seconds)
    there = describe(context, name)
    if there is None:
        raise PlatformError(f"The inference component {name} has disappeared.")
    return as_adapter(context, there)


def log_group(name: str) -> str:
    """Return where a component's log is."""
    return f"/aws/sagemaker/InferenceComponents/{name}"


def wait_for(context: Context, name: str, seconds: float) -> None:
    """Wait until a component is in service.

    Raises:
        PlatformError: it failed; the reason and where its log is.
    """
    wait_until_in_service(
        context,
        f"the inference component {name}",
        lambda: describe(context, name),
        STATUS,
        log_group(name),
        seconds,
    )


def _remove_failed(context: Context, name: str, seconds: float) -> None:
    """Free the name again; the reason for the failure is what matters."""
    with suppress(PlatformError):
        with aws_call(f"remove {name}", "sagemaker:DeleteInferenceComponent"):
            client(context, "sagemaker").delete_inference_component(InferenceComponentName=name)
        wait_until_gone(context, name, lambda: describe(context, name), seconds)
