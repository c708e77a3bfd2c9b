"""LoRA adapters on the base model: their archive and nothing else, no compute of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mlcc_core import Adapter, Context, MlccError
from mlcc_core.helpers import VLLM_RANKS, lora_rank
from mlcc_sagemaker.aws.permissions import require_readable
from mlcc_sagemaker.serving import components, flags
from mlcc_sagemaker.serving.containers import describe_container
from mlcc_sagemaker.serving.standing.described import serving_role
from mlcc_sagemaker.serving.weights.artifacts import LOCAL, find_adapter
from mlcc_sagemaker.serving.weights.local import local_adapter
from mlcc_sagemaker.serving.weights.packing import (
    AdapterFiles,
    check_adapter,
    files_in_s3,
    pack,
)


def add_adapter(context: Context, name: str, weights: str, seconds: float) -> Adapter:
    """Put an adapter on the base component.

    Raises:
        MlccError: the name is taken, nothing is deployed, there is no adapter
            at ``weights``.
        PlatformError: it cannot be created, or failed; bootstrap's role may not read the archive.
    """
    base = components.require_base(context)
    components.require_free(context, name)
    with found_adapter(context, weights) as adapter:
        require_rank(context, base, adapter)
        archive = archived(context, adapter)
    return components.create(
        context, name, {"Specification": adapter_specification(base, archive)}, seconds
    )


def adapter_specification(base: str, archive: str) -> Mapping[str, Any]:
    """Return the specification of an adapter's component."""
    return {"BaseInferenceComponentName": base, "Container": {"ArtifactUrl": archive}}


@contextmanager
def found_adapter(context: Context, weights: str) -> Iterator[AdapterFiles | str]:
    """Yield the adapter's files, or the URI of an archive in S3 that is taken as it is.

    Raises:
        MlccError: there is no adapter at ``weights``, or not for the project's model.
        PlatformError: bootstrap's role may not read the archive.
    """
    if LOCAL.match(weights):
        with local_adapter(context, weights) as adapter:
            check_adapter(context, adapter)
            yield adapter
        return
    place = find_adapter(context, weights)
    if isinstance(place, str):
        require_readable(context, serving_role(context), place, "--weights")
        yield place
        return
    adapter = files_in_s3(context, place)
    check_adapter(context, adapter)
    yield adapter


def require_rank(context: Context, base: str, adapter: AdapterFiles | str) -> None:
    """Refuse an adapter of a higher rank than the base takes; archives are not looked into.

    Raises:
        MlccError: its rank is higher.
    """
    if isinstance(adapter, str):
        return
    specification = (components.describe(context, base) or {}).get("Specification") or {}
    container = describe_container(context, str(specification.get("ModelName") or ""))
    most = str((container.get("Environment") or {}).get(flags.RANK_VARIABLE) or "")
    rank = lora_rank(adapter.config())
    if not most.isdigit() or rank <= int(most):
        return
    raise MlccError(
        f"{adapter.place} has the rank {rank}, the deployed base takes adapters up to {most}.",
        where="--weights",
        hint=f"mlcc deploy --max-lora-rank {rank}"
        if rank <= VLLM_RANKS[-1]
        else "tune with a lower --lora-rank",
    )


def archived(context: Context, adapter: AdapterFiles | str) -> str:
    """Return the URI of an adapter's archive, packed unless it is one."""
    if isinstance(adapter, str):
        return adapter
    uri = pack(context, adapter)
    require_readable(context, serving_role(context), uri, "--weights")
    return uri
