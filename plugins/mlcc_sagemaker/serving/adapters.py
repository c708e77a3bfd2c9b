"""LoRA adapters on the base model."""

from __future__ import annotations

from mlcc_core import Adapter, Context
from mlcc_sagemaker.aws.permissions import require_readable
from mlcc_sagemaker.serving import components
from mlcc_sagemaker.serving.artifacts import find_adapter
from mlcc_sagemaker.serving.packing import pack


def add_adapter(context: Context, name: str, weights: str, seconds: float) -> Adapter:
    """Put an adapter on the base component: its archive and nothing else, no compute of its own.

    Raises:
        MlccError: the name is taken, nothing is deployed, there is no adapter at ``weights``.
        PlatformError: it cannot be created, or failed; bootstrap's role may not read the archive.
    """
    base = components.require_base(context)
    components.require_free(context, name)
    place = find_adapter(context, weights)
    if isinstance(place, str):
        require_readable(context, place, "--weights")
        archive = place
    else:
        archive = pack(context, place)
    specification = {
        "BaseInferenceComponentName": base,
        "Container": {"ArtifactUrl": archive},
    }
    return components.create(context, name, {"Specification": specification}, seconds)
