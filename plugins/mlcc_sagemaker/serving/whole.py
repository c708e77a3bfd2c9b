"""Whole models as inference components beside the base model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcc_core import Adapter, Context
from mlcc_sagemaker.serving import components, names
from mlcc_sagemaker.serving.containers import container_for, ensure_model
from mlcc_sagemaker.serving.hosting import find_hosting
from mlcc_sagemaker.serving.standing.described import serving_role


def add_component(context: Context, name: str, model_data: str, seconds: float) -> Adapter:
    """Deploy a whole model on the project's endpoint.

    Raises:
        MlccError: the name is taken, nothing is deployed, there is no model at ``model_data``.
        PlatformError: it cannot be created, or failed (the instance may have no room for it).
    """
    components.require_base(context)
    components.require_free(context, name)
    arguments = {
        "VariantName": names.VARIANT,
        "Specification": model_specification(context, model_data),
        "RuntimeConfig": {"CopyCount": 1},
    }
    return components.create(context, name, arguments, seconds)


def model_specification(context: Context, model_data: str) -> Mapping[str, Any]:
    """Return the specification of a whole model's component; the model is created for it.

    Raises:
        MlccError: there is no model at ``model_data``.
        PlatformError: bootstrap's role may not read it.
    """
    hosting = find_hosting(context)
    role = serving_role(context)
    model = ensure_model(context, container_for(context, hosting, model_data, role), role)
    return hosting.specification(model)
