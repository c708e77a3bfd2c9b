"""The hosting of the project's model: image, environment, instance, compute, from the hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlcc_core import Context, MlccError
from mlcc_sagemaker.aws.account import eula_accepted, model_of, region_of
from mlcc_sagemaker.aws.sdk import quiet_sdk
from mlcc_sagemaker.request.hub import HubModel, read_model

MEMORY_MB = 1024
"""The least memory of a component. The hub's own numbers can exceed what an instance leaves for
components, so the SageMaker SDK uses this one too; the container takes what there is."""

LORA = {"OPTION_ENABLE_LORA": "true", "OPTION_MAX_LORA_RANK": "128"}
"""The serving container's switches for adapters; 128 is the highest rank that recipes train."""

FALLBACK_IMAGE = "djl-lmi"
"""The SageMaker SDK's name of the container that serves language models and their adapters."""


@dataclass(frozen=True, slots=True)
class Hosting:
    """The hosting of a model.

    Attributes:
        model: the catalog's id.
        image: of the container.
        environment: of the container, LoRA enabled.
        instance: type of the instance.
        compute: of a component, as inference components take it.
        artifacts: S3 prefix of the base model's weights.
        eula: where the licence is that has to be accepted; empty for none.
    """

    model: str
    image: str
    environment: Mapping[str, str]
    instance: str
    compute: Mapping[str, int]
    artifacts: str
    eula: str


def find_hosting(context: Context) -> Hosting:
    """Find the hosting of the project's model; ``INSTANCE_TYPE`` overrides the hub's.

    Raises:
        MlccError: the model cannot be served, or not on that instance.
        PlatformError: the hub cannot be asked.
    """
    model = read_model(context, model_of(context))
    config = _config(context, model)
    instance = context.settings.get("INSTANCE_TYPE") or _instance(config)
    artifacts = str(model.document.get("HostingArtifactUri") or "")
    if not instance or not artifacts:
        raise _not_served(model.id, "the hub does not say on which instance, or with which weights")
    return Hosting(
        model=model.id,
        image=str(config.get("EcrAddress") or "") or _image(context),
        environment={**(config.get("Environment") or {}), **LORA},
        instance=instance,
        compute=_compute(config),
        artifacts=artifacts,
        eula=model.eula,
    )


def require_eula(context: Context, hosting: Hosting) -> None:
    """Refuse to serve a model whose licence was not accepted.

    Raises:
        MlccError: it was not.
    """
    if not hosting.eula or eula_accepted(context):
        return
    raise MlccError(
        f"Model {hosting.model!r} has a licence that has to be accepted first.",
        where="ACCEPT_EULA",
        detail=(f"The licence: {hosting.eula}",),
        hint="mlcc deploy --accept-eula   # once you have read it",
    )


def _config(context: Context, model: HubModel) -> Mapping[str, Any]:
    """The hosting configuration for the instance that is wished for, else the default one."""
    configs: list[Mapping[str, Any]] = [
        *(model.document.get("HostingConfigs") or ()),
        *(
            config
            for recipe in model.document.get("RecipeCollection") or ()
            for config in recipe.get("HostingConfigs") or ()
        ),
    ]
    if not configs:
        raise _not_served(model.id, "the hub has no hosting configuration for it")
    wished = context.settings.get("INSTANCE_TYPE")
    if wished:
        offering = [config for config in configs if wished in _offered(config)]
        if not offering:
            offers = sorted({name for config in configs for name in _offered(config)})
            raise MlccError(
                f"Model {model.id!r} cannot be served on {wished!r}.",
                where="INSTANCE_TYPE",
                detail=(f"It can on: {', '.join(offers)}",),
                hint=f"set INSTANCE_TYPE={offers[0]} in do/config" if offers else None,
            )
        return offering[0]
    return next((c for c in configs if c.get("Profile") == "Default"), configs[0])


def _offered(config: Mapping[str, Any]) -> list[str]:
    return [name for name in (_instance(config), *config.get("SupportedInstanceTypes", ())) if name]


def _instance(config: Mapping[str, Any]) -> str:
    supported = config.get("SupportedInstanceTypes") or ("",)
    return str(config.get("InstanceType") or config.get("DefaultInstanceType") or supported[0])


def _compute(config: Mapping[str, Any]) -> Mapping[str, int]:
    asked = config.get("ComputeResourceRequirements") or {}
    compute = {
        "NumberOfCpuCoresRequired": int(asked.get("NumberOfCpuCoresRequired") or 1),
        "MinMemoryRequiredInMb": MEMORY_MB,
    }
    accelerators = asked.get("NumberOfAcceleratorDevicesRequired")
    if accelerators:
        compute["NumberOfAcceleratorDevicesRequired"] = int(accelerators)
    return compute


def _image(context: Context) -> str:
    """The SageMaker SDK's image for language models, where the hub names none."""
    with quiet_sdk(context):
        from sagemaker.core import image_uris

        return str(image_uris.retrieve(framework=FALLBACK_IMAGE, region=region_of(context)))


def _not_served(model: str, why: str) -> MlccError:
    return MlccError(
        f"Model {model!r} cannot be deployed: {why}.",
        where="MODEL_ID",
        hint="./do/tune --list-models",
    )
