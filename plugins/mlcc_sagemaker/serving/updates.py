"""Other weights for what is deployed, in place: it answers under its name all the while.

SageMaker loads the new weights before it lets go of the old ones. Where it fails to, the old ones
are put back here, unless SageMaker did so itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcc_core import Adapter, Context, MlccError, PlatformError
from mlcc_core.helpers import unknown_name
from mlcc_sagemaker.aws.account import endpoint_of, split_uri
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.serving import components, names
from mlcc_sagemaker.serving.adapters import (
    adapter_specification,
    archived,
    found_adapter,
    require_rank,
)
from mlcc_sagemaker.serving.waiting import FAILED
from mlcc_sagemaker.serving.weights.artifacts import find_model
from mlcc_sagemaker.serving.weights.packing import AdapterFiles, packed_uri
from mlcc_sagemaker.serving.whole import model_specification

KEPT = (
    *("BaseInferenceComponentName", "ModelName", "ComputeResourceRequirements"),
    "StartupParameters",
)
"""Members of a described specification that a request takes as they are."""


def update(context: Context, name: str, weights: str, seconds: float) -> Adapter:
    """Give an adapter or model other weights, and wait until they serve.

    Raises:
        MlccError: nothing of that name is deployed here, it is the base model, or there are no
            such weights.
        PlatformError: it failed; the message says which weights serve now.
    """
    there = components.describe(context, name)
    if there is None or there["EndpointName"] != endpoint_of(context):
        known = [item.name for item in components.deployed(context)]
        raise unknown_name("adapter", name, known, hint="./do/adapter list")
    if name == names.base_component(context):
        from mlcc_folders.serving.fitting import deployed

        raise MlccError(
            f"{name!r} is the base model, which adapters sit on.",
            hint=deployed(weights),
        )
    before = restorable(there["Specification"])
    base = before.get("BaseInferenceComponentName")
    if base:
        with found_adapter(context, weights) as adapter:
            require_rank(context, str(base), adapter)
            after = adapter_specification(str(base), archived(context, adapter))
    else:
        after = model_specification(context, weights)
    return _replace(context, name, before, after, seconds)


def holds(context: Context, name: str, weights: str) -> bool:
    """Return whether a component was made of these weights, by their content.

    Raises:
        MlccError: there are no such weights.
    """
    there = components.describe(context, name)
    if there is None or there["EndpointName"] != endpoint_of(context):
        return False
    now = components.as_adapter(context, there)
    if now.status in FAILED:
        return False
    if now.kind == "model":
        return now.source == find_model(context, weights)
    with found_adapter(context, weights) as adapter:
        if isinstance(adapter, AdapterFiles):
            return now.source == packed_uri(context, adapter)
    return now.source == adapter and not _replaced_since(context, there, adapter)


def _replaced_since(context: Context, component: Mapping[str, Any], archive: str) -> bool:
    """Return whether an archive of the user's own has other content than was loaded."""
    bucket, key = split_uri(archive)
    with aws_call(f"look at {archive}", f"s3:GetObject on arn:aws:s3:::{bucket}/{key}"):
        head = client(context, "s3").head_object(Bucket=bucket, Key=key)
    loaded = component.get("LastModifiedTime") or component.get("CreationTime")
    return loaded is None or bool(head["LastModified"] > loaded)


def restorable(specification: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a described specification as a request takes it."""
    kept: dict[str, Any] = {key: specification[key] for key in KEPT if key in specification}
    container = specification.get("Container") or {}
    if "ArtifactUrl" in container:
        kept["Container"] = {
            key: container[key] for key in ("ArtifactUrl", "Environment") if container.get(key)
        }
    return kept


def _replace(
    context: Context,
    name: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    seconds: float,
) -> Adapter:
    _ask(context, name, after)
    try:
        updated = components.waited_for(context, name, seconds)
    except PlatformError as error:
        if not error.detail:
            raise  # it may still come
        raise _failed(context, name, before, error, seconds) from None
    there = components.describe(context, name) or {}
    if not _serves(there, after):
        reason = there.get("FailureReason") or "no reason was given"
        raise PlatformError(
            f"The new weights of {name} did not load: {reason}. Those from before serve on.",
            hint=f"aws logs tail {components.log_group(name)}",
        )
    return updated


def _ask(context: Context, name: str, specification: Mapping[str, Any]) -> None:
    """Ask for the update; where the answer is lost, see whether it goes on."""
    try:
        with aws_call(f"update {name}", "sagemaker:UpdateInferenceComponent"):
            client(context, "sagemaker").update_inference_component(
                InferenceComponentName=name, Specification=specification
            )
    except PlatformError:
        there = components.describe(context, name) or {}
        if there.get(components.STATUS) != "Updating" and not _serves(there, specification):
            raise


def _serves(component: Mapping[str, Any], specification: Mapping[str, Any]) -> bool:
    now = component.get("Specification") or {}
    members = ("ModelName", "BaseInferenceComponentName")
    archives = [(each.get("Container") or {}).get("ArtifactUrl") for each in (now, specification)]
    same = all(now.get(member) == specification.get(member) for member in members)
    return same and archives[0] == archives[1]


def _failed(
    context: Context,
    name: str,
    before: Mapping[str, Any],
    error: PlatformError,
    seconds: float,
) -> PlatformError:
    """Put the weights from before back; the error that says how that went."""
    what = error.what.rstrip(".")
    try:
        _ask(context, name, before)
        components.wait_for(context, name, seconds)
    except PlatformError as again:
        return PlatformError(
            f"{what}. The weights from before could not be put back: {again.what}",
            detail=error.detail,
            hint=f"mlcc adapter remove {name}   # then add it again",
        )
    return PlatformError(
        f"{what}. The weights from before serve again.", detail=error.detail, hint=error.hint
    )
