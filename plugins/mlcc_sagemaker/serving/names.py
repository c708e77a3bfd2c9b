"""The names of the project's resources."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from mlcc_core import Context
from mlcc_sagemaker.aws.account import endpoint_of
from mlcc_sagemaker.serving.standing.tags import endpoint_tags

MOST = 63
"""Characters of a resource's name."""

VARIANT = "AllTraffic"


def base_component(context: Context) -> str:
    """The inference component of the base model, which adapters sit on."""
    return f"{_short(endpoint_of(context), MOST - 5)}-base"


def config_name(context: Context) -> str:
    """The endpoint's configuration."""
    return f"{_short(endpoint_of(context), MOST - 7)}-config"


def model_name(context: Context, container: Mapping[str, object]) -> str:
    """A model's name: equal containers, equal names."""
    text = json.dumps(container, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"{model_prefix(context)}{digest}"


def is_model(context: Context, name: str) -> bool:
    """Return whether a model is named as those of the project's endpoint are."""
    return re.fullmatch(re.escape(model_prefix(context)) + "[0-9a-f]{12}", name) is not None


def model_prefix(context: Context) -> str:
    """Return the beginning of the names of the project's models."""
    return f"{_short(endpoint_of(context), MOST - 15)}-m-"


def tags(context: Context) -> list[dict[str, str]]:
    """Return the tags that mark the project's resources, on the bill too."""
    return endpoint_tags(context, None)


def _short(name: str, length: int) -> str:
    return name[:length].rstrip("-")
