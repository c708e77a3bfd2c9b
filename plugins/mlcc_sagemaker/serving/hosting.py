"""The hosting of the project's model: image, environment, instance, compute.

They are the hub's own for the models that it hosts, and chosen in ``own/`` for any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcc_core import Context, MlccError
from mlcc_sagemaker.aws.account import eula_accepted, model_of, region_of
from mlcc_sagemaker.aws.sdk import quiet_sdk
from mlcc_sagemaker.request.hub import HubModel, find_model, not_there
from mlcc_sagemaker.serving import flags
from mlcc_sagemaker.serving.own.names import own_base

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
        model: the catalog's id, or the name of a model that the hub does not host.
        image: of the container.
        environment: of a container with weights from S3, LoRA enabled.
        base_environment: of the base model's container.
        instance: type of the instance.
        compute: of a component, as inference components take it.
        artifacts: S3 prefix or archive of the base model's weights; empty where the container
            downloads them.
        eula: where the licence is that has to be accepted; empty for none.
        startup: seconds that models may take to start, as inference components take them; empty
            for those of SageMaker.
        own: Hub id or URI of a model that the hub does not host; empty for the hub's.
    """

    model: str
    image: str
    environment: Mapping[str, str]
    base_environment: Mapping[str, str]
    instance: str
    compute: Mapping[str, int]
    artifacts: str
    eula: str
    startup: Mapping[str, int] = field(default_factory=dict)
    own: str = ""

    def specification(self, model: str) -> Mapping[str, Any]:
        """Return the specification of a component that serves a model of SageMaker."""
        startup = {"StartupParameters": dict(self.startup)} if self.startup else {}
        compute = {"ComputeResourceRequirements": dict(self.compute)}
        return {"ModelName": model, **compute, **startup}


def find_hosting(context: Context) -> Hosting:
    """Find the hosting of the project's model; ``INSTANCE_TYPE`` overrides the hub's.

    A model of the catalog that the hub of this region lacks is served by its Hub id.

    Raises:
        MlccError: the model cannot be served, or not on that instance.
        PlatformError: the hub cannot be asked.
    """
    from mlcc_sagemaker.serving.own.hosting import own_hosting

    name = model_of(context)
    own = own_base(context, name)
    known = None if own else find_model(context, name)
    repository = None if own or known else context.hub_id(name)
    if own is None and repository is not None:
        own = own_base(context, repository)
    if own is not None:
        return own_hosting(context, name, own)
    if known is None:
        raise not_there(context, name)
    return _of_the_hub(context, known)


def _of_the_hub(context: Context, model: HubModel) -> Hosting:
    config = _config(context, model)
    instance = flags.instance_wished(context) or _instance(config)
    artifacts = str(model.document.get("HostingArtifactUri") or "")
    if not instance or not artifacts:
        raise _not_served(model.id, "the hub does not say on which instance, or with which weights")
    environment = {**(config.get("Environment") or {}), **LORA, **flags.environment(context)}
    return Hosting(
        model=model.id,
        image=str(config.get("EcrAddress") or "") or lmi_image(context),
        environment=environment,
        base_environment=environment,
        instance=instance,
        compute=_compute(config, flags.gpus(context)),
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
    wished = flags.instance_wished(context)
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


def _compute(config: Mapping[str, Any], gpus: int | None) -> Mapping[str, int]:
    asked = config.get("ComputeResourceRequirements") or {}
    compute = {
        "NumberOfCpuCoresRequired": int(asked.get("NumberOfCpuCoresRequired") or 1),
        "MinMemoryRequiredInMb": MEMORY_MB,
    }
    accelerators = gpus or asked.get("NumberOfAcceleratorDevicesRequired")
    if accelerators:
        compute["NumberOfAcceleratorDevicesRequired"] = int(accelerators)
    return compute


def lmi_image(context: Context) -> str:
    """Return AWS's newest image for language models, as the SageMaker SDK knows it."""
    with quiet_sdk(context):
        from sagemaker.core import image_uris

        return str(image_uris.retrieve(framework=FALLBACK_IMAGE, region=region_of(context)))


def _not_served(model: str, why: str) -> MlccError:
    return MlccError(
        f"Model {model!r} cannot be deployed: {why}.",
        where="MODEL_ID",
        hint="./do/tune --list-models",
    )
