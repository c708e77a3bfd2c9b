"""Built-in models that are made before they can be loaded."""

from __future__ import annotations

from mlcc_core import Context
from mlcc_engine.model.models import default_cache
from mlcc_engine.smollm2 import model as smollm2


def make_ready(context: Context, model: str) -> None:
    """Fetch and convert a built-in model that needs it, with lines of progress.

    Raises:
        MlccError, PlatformError: it cannot be made.
    """
    if model == smollm2.NAME:
        smollm2.ensure(default_cache(), context.say)
