"""The hosting of a base model that the hub of SageMaker does not host: by AWS's LMI container.

LMI serves any model that vLLM knows, with adapters as inference components: ``HF_MODEL_ID`` names a
model of the Hub, or the folder at which SageMaker mounts what is in S3. It reads a token of the Hub
from its environment alone, where everybody who may describe models sees it; so models that take a
token are copied to S3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mlcc_core import Context, MlccError
from mlcc_sagemaker.instances.options.accelerators import accelerators
from mlcc_sagemaker.serving import flags
from mlcc_sagemaker.serving.containers import DOWNLOADED
from mlcc_sagemaker.serving.hosting import LORA, MEMORY_MB, Hosting, lmi_image
from mlcc_sagemaker.serving.own.gpus import GB, MOST, Gpus, fitting, gpus_needed, gpus_of
from mlcc_sagemaker.serving.own.names import OwnBase
from mlcc_sagemaker.serving.own.standing import StandingBase, standing_base, standing_instance
from mlcc_sagemaker.serving.own.weights import OwnWeights, look_up
from mlcc_sagemaker.serving.weights import hints

MOUNTED = "/opt/ml/model"
"""The folder at which SageMaker mounts a model's data."""

REVISION = "HF_REVISION"

ENVIRONMENT = {
    DOWNLOADED: MOUNTED,
    "TENSOR_PARALLEL_DEGREE": "max",  # of the GPUs that the component is given
    "OPTION_DTYPE": "auto",
    **LORA,
}

LOADING = {
    "ModelDataDownloadTimeoutInSeconds": 1800,
    "ContainerStartupHealthCheckTimeoutInSeconds": 1800,
}
"""Seconds that a model may take to be downloaded and loaded: as many as LMI itself waits."""

INSTANCE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+\Z")
"""An instance's type."""

ACCELERATORS = "NumberOfAcceleratorDevicesRequired"


def own_hosting(context: Context, model: str, base: OwnBase) -> Hosting:
    """Return the hosting of such a model; one that stands keeps what was chosen for it.

    Args:
        context: the surroundings of the project.
        model: its name, for people.
        base: the model.

    Raises:
        MlccError: no instance is named, it has not enough memory, there is no such model, or it
            cannot be downloaded by a container.
        PlatformError: AWS or the Hub cannot be asked.
    """
    stands = standing_base(context, base)
    weights = None if stands else look_up(context, base)
    instance = standing_instance(context) or flags.instance_wished(context)
    if not instance:
        raise _no_instance(model, weights.size if weights else None)
    if not INSTANCE.match(instance):
        raise MlccError(
            f"{instance!r} is not an instance of SageMaker, expected one like ml.g6.2xlarge.",
            where=flags.INSTANCE_TYPE.flag if flags.instance_flag(context) else "INSTANCE_TYPE",
            hint=_with_first(weights.size or 0 if weights else 0),
        )
    if base.hub is not None and flags.isolated(context):
        raise MlccError(
            f"--network-isolation keeps the container from the Hub, where {base} is.",
            where=flags.NETWORK_ISOLATION.flag,
            hint=hints.copied_model(context, base.hub.id),
        )
    kept = _chosen(stands) if stands else {}
    environment = {**ENVIRONMENT, **kept, **flags.environment(context)}
    return Hosting(
        model=model,
        image=lmi_image(context),
        environment=environment,
        base_environment={**environment, **_downloaded(base, stands, weights)},
        instance=instance,
        compute=_compute(context, model, instance, stands, weights),
        artifacts=stands.place if stands else weights.place if weights else "",
        eula="",
        startup=LOADING,
        own=str(base.hub.id if base.hub else base.uri),
    )


def _chosen(stands: StandingBase) -> Mapping[str, str]:
    """Return the variables that flags set when it was deployed."""
    values = flags.VARIABLES.values()
    return {name: stands.environment[name] for name in values if name in stands.environment}


def _downloaded(
    base: OwnBase, stands: StandingBase | None, weights: OwnWeights | None
) -> Mapping[str, str]:
    """Return the variables by which the container downloads a model: always the same commit."""
    if base.hub is None:
        return {}
    commit = stands.environment.get(REVISION, "") if stands else weights.commit if weights else ""
    return {DOWNLOADED: base.hub.id, **({REVISION: commit} if commit else {})}


def _compute(
    context: Context,
    model: str,
    instance: str,
    stands: StandingBase | None,
    weights: OwnWeights | None,
) -> Mapping[str, int]:
    wished = flags.gpus(context)
    if stands and wished is None:
        return stands.compute
    gpus, size = gpus_of(context, instance), weights.size if weights else None
    if gpus is not None:
        _require_room(model, gpus, wished, size)
    count = wished or (gpus_needed(gpus, size) if gpus else accelerators(instance))
    if not count:
        raise _no_gpus(instance, count, size)
    return {
        "NumberOfCpuCoresRequired": 1,
        "MinMemoryRequiredInMb": MEMORY_MB,
        ACCELERATORS: count,
    }


def _no_gpus(instance: str, count: int | None, size: int | None) -> MlccError:
    where = flags.INSTANCE_TYPE.flag
    if count == 0:
        return MlccError(
            f"{instance!r} has no GPU, which the container needs.",
            where=where,
            hint=_with_first(size or 0),
        )
    return MlccError(
        f"How many GPUs {instance!r} has is not known here.",
        where=where,
        hint=f"mlcc deploy --instance-type {instance} --gpus 1   # those that the model takes",
    )


def _require_room(model: str, gpus: Gpus, wished: int | None, size: int | None) -> None:
    """Refuse an instance without so many GPUs, or one that cannot hold the weights."""
    if wished is not None and wished > gpus.count:
        raise MlccError(
            f"--gpus is {wished}, and {gpus.instance} has {gpus.count}.",
            where=flags.GPUS.flag,
            hint=f"mlcc deploy --instance-type {gpus.instance} --gpus {gpus.count}",
        )
    taken = (wished or gpus.count) * gpus.whole // gpus.count
    if size is not None and size > MOST * taken:
        raise MlccError(
            f"The weights of {model} are {size / GB:.1f} GB, more than "
            f"{wished or gpus.count} × {gpus.each / 1024:.0f} GiB of {gpus.instance} hold."
            f"{_those_that_fit(size)}",
            where=flags.INSTANCE_TYPE.flag,
            hint=_with_first(size),
        )


def _no_instance(model: str, size: int | None) -> MlccError:
    known = f" Its weights are {size / GB:.1f} GB.{_those_that_fit(size)}" if size else ""
    return MlccError(
        f"No instance is named to serve {model}.{known}",
        where="INSTANCE_TYPE",
        hint=_with_first(size or 0),
    )


def _those_that_fit(size: int) -> str:
    found = ", ".join(map(str, fitting(size)))
    return f" Instances that fit: {found}." if found else " No single instance known here fits."


def _with_first(size: int) -> str:
    found = fitting(size)
    return f"mlcc deploy --instance-type {found[0].instance}" if found else "mlcc models"
