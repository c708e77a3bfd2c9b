"""The list of models, in OpenAI's form."""

from __future__ import annotations

import time
from collections.abc import Iterable

SINCE = int(time.time())
"""The time that is told as that of every model."""


def model_list(names: Iterable[str]) -> dict[str, object]:
    """Return what a client is told of all models."""
    return {"object": "list", "data": [one_model(name) for name in names]}


def one_model(name: str) -> dict[str, object]:
    """Return what a client is told of a model."""
    return {"id": name, "object": "model", "created": SINCE, "owned_by": "mlcc"}
