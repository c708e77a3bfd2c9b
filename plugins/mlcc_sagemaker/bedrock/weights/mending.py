"""Configs of newer libraries, written so that Bedrock's (transformers 4.51.3) reads the same.

Transformers 5 writes ``dtype`` for ``torch_dtype``, one object ``rope_parameters`` for
``rope_theta`` and ``rope_scaling``, and the chat template into a file of its own. An older library
takes its defaults in place of what it does not know: other positions, and no template at all.

    {"dtype": "bfloat16", "rope_parameters": {"rope_theta": 500000.0, "rope_type": "default"}}
    {"dtype": "bfloat16", …, "torch_dtype": "bfloat16", "rope_theta": 500000.0}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from mlcc_core import MlccError

CONFIG, TOKENIZER_CONFIG, TEMPLATE = "config.json", "tokenizer_config.json", "chat_template.jinja"

Documents = Mapping[str, bytes]


def mended(read: Callable[[str], bytes], names: frozenset[str], place: str) -> Documents:
    """Return the files of a model that have to be others for Bedrock, whole, by name.

    Args:
        read: gives a file of the model.
        names: of its files.
        place: for people.

    Raises:
        MlccError: a config is not a JSON object.
    """
    found: dict[str, bytes] = {}
    config = _object(read(CONFIG), f"{place}: {CONFIG}")
    if (older := mended_config(config)) != config:
        found[CONFIG] = _bytes(older)
    if TOKENIZER_CONFIG in names and TEMPLATE in names:
        tokenizer = _object(read(TOKENIZER_CONFIG), f"{place}: {TOKENIZER_CONFIG}")
        if "chat_template" not in tokenizer:
            template = read(TEMPLATE).decode()
            found[TOKENIZER_CONFIG] = _bytes({**tokenizer, "chat_template": template})
    return found


def mended_config(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a config that has the older keys, too; what it has already is kept.

    Example:
        >>> mended_config({"dtype": "float16"})
        {'dtype': 'float16', 'torch_dtype': 'float16'}
    """
    older = dict(config)
    if "dtype" in config:
        older.setdefault("torch_dtype", config["dtype"])
    ropes = config.get("rope_parameters")
    if isinstance(ropes, Mapping) and not any(isinstance(each, Mapping) for each in ropes.values()):
        if "rope_theta" in ropes:
            older.setdefault("rope_theta", ropes["rope_theta"])
        scaling = {name: value for name, value in ropes.items() if name != "rope_theta"}
        if scaling.get("rope_type", "default") != "default":
            older.setdefault("rope_scaling", scaling)
    return older


def _object(data: bytes, what: str) -> Mapping[str, Any]:
    try:
        document = json.loads(data)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise MlccError(f"{what} is not a JSON object.")
    return document


def _bytes(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
