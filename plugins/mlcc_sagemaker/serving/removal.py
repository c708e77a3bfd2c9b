"""Taking down what was deployed: adapters, models, the endpoint, everything it was made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mlcc_core import Context, MlccError, PlatformError, TransientError
from mlcc_core.helpers import unknown_name
from mlcc_sagemaker.aws.account import endpoint_of
from mlcc_sagemaker.aws.calls import aws_call, client, found
from mlcc_sagemaker.serving import components, names
from mlcc_sagemaker.serving.standing.described import describe_endpoint
from mlcc_sagemaker.serving.standing.tags import require_own, tags_of
from mlcc_sagemaker.serving.waiting import wait_until_gone


def remove_component(context: Context, name: str, seconds: float) -> None:
    """Take an adapter or model down and wait until it is gone.

    Raises:
        MlccError: nothing of that name is deployed by this project.
    """
    there = components.describe(context, name)
    if there is None or there["EndpointName"] != endpoint_of(context):
        known = [item.name for item in components.deployed(context)]
        raise unknown_name("adapter", name, known, hint="./do/adapter list")
    if name == names.base_component(context):
        raise MlccError(f"{name!r} is the base model, which adapters sit on.", hint="mlcc undeploy")
    _remove(context, name, seconds)


def undeploy_notice(context: Context) -> Sequence[str]:
    """Say what :func:`undeploy` would remove; nothing is removed."""
    base = names.base_component(context)
    lines = [
        f"the {item.kind} {item.name} ({item.status})"
        for item in components.deployed(context)
        if item.name != base
    ]
    if (component := components.describe(context, base)) is not None:
        source = components.as_adapter(context, component).source
        lines.append(f"the base model {base}" + (f" (from {source})" if source else ""))
    if (there := describe_endpoint(context)) is not None:
        lines.append(f"the endpoint {endpoint_of(context)} ({there['EndpointStatus']})")
    return lines


def undeploy(context: Context, seconds: float) -> Sequence[str]:
    """Take everything down, adapters first; run again, it goes on where it was.

    Raises:
        MlccError: the endpoint belongs to another project.
        PlatformError: something cannot be removed.
    """
    _require_own(context)
    lines = []
    base = names.base_component(context)
    others = [name for name in component_names_in_order(context) if name != base]
    for name in (*others, base):
        if components.describe(context, name) is not None:
            _remove(context, name, seconds)
            lines.append(f"✅ Removed {name}.")
    endpoint = endpoint_of(context)
    there = describe_endpoint(context)
    if there is not None:
        if there["EndpointStatus"] != "Deleting":
            _quietly(
                f"remove the endpoint {endpoint}",
                "sagemaker:DeleteEndpoint",
                lambda: client(context, "sagemaker").delete_endpoint(EndpointName=endpoint),
            )
        wait_until_gone(
            context, f"the endpoint {endpoint}", lambda: describe_endpoint(context), seconds
        )
        lines.append(f"✅ Removed the endpoint {endpoint}; it costs nothing any more.")
    _remove_remains(context)
    return lines or [f"ℹ️  Nothing is deployed as {endpoint}."]


def _require_own(context: Context) -> None:
    """Refuse another project's endpoint; who may not read tags is trusted with ``do/config``.

    Raises:
        MlccError: it is another project's.
        TransientError: AWS cannot be asked now.
    """
    there, name = describe_endpoint(context), endpoint_of(context)
    if there is None:
        return
    try:
        tags = tags_of(context, name, there["EndpointArn"])
    except TransientError:
        raise
    except PlatformError:
        return
    require_own(context, name, tags, adopt=True)


def component_names_in_order(context: Context) -> list[str]:
    """Components of the endpoint, those that sit on another one first."""
    kinds = {item.name: item.kind for item in components.deployed(context)}
    return sorted(kinds, key=lambda name: kinds[name] != "adapter")


def _remove(context: Context, name: str, seconds: float) -> None:
    _quietly(
        f"remove the inference component {name}",
        "sagemaker:DeleteInferenceComponent",
        lambda: client(context, "sagemaker").delete_inference_component(
            InferenceComponentName=name
        ),
    )
    wait_until_gone(
        context,
        f"the inference component {name}",
        lambda: components.describe(context, name),
        seconds,
    )


def _remove_remains(context: Context) -> None:
    """The configuration and the models, which cost nothing but are in the way."""
    config = names.config_name(context)
    sagemaker = client(context, "sagemaker")
    _quietly(
        f"remove {config}",
        "sagemaker:DeleteEndpointConfig",
        lambda: sagemaker.delete_endpoint_config(EndpointConfigName=config),
    )
    prefix = names.model_prefix(context)
    with aws_call("list the models", "sagemaker:ListModels"):
        pages = sagemaker.get_paginator("list_models").paginate(NameContains=prefix.strip("-"))
        models = [model["ModelName"] for page in pages for model in page.get("Models", ())]
    for model in models:
        if names.is_model(context, model):
            _quietly(
                f"remove the model {model}",
                "sagemaker:DeleteModel",
                lambda model=model: sagemaker.delete_model(ModelName=model),  # type: ignore[misc]
            )


def _quietly(doing: str, action: str, step: Callable[[], Any]) -> None:
    """Remove something; what is gone already is as it should be."""
    found(step, doing, action)
