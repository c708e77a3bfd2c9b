"""The weights that a training changes, by their names in the model."""

from __future__ import annotations

from typing import Any


def trained_weights(model: Any) -> dict[str, Any]:
    """Return the parameters of a model that are trained, by name; they are not copied."""
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
