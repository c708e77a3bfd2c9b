"""The shape of an adapter that is trained on: it cannot be another one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_engine.model.model_folder import ADAPTER_CONFIG

SHAPE = ("r", "lora_alpha", "target_modules")
"""Arguments of ``peft.LoraConfig`` that every adapter has."""

RARE = ("rank_pattern", "alpha_pattern", "use_rslora", "use_dora", "modules_to_save")
"""Further ones that decide what its weights mean; left out where an adapter has none of them."""


def lora_of(folder: Path) -> dict[str, Any]:
    """Return the arguments of ``peft.LoraConfig`` that an adapter was made with.

    Raises:
        MlccError: its config is damaged.
    """
    path = folder / ADAPTER_CONFIG
    try:
        config = json.loads(path.read_bytes())
        shape = {name: config[name] for name in SHAPE}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MlccError(f"{path} cannot be read: {error}.", hint="copy it again") from None
    return shape | {name: config[name] for name in RARE if config.get(name)}


def differences(given: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, value asked for and value had, where a job asks for another shape.

    Args:
        given: arguments of ``peft.LoraConfig`` that the job sets.
        folder: of the adapter.

    Raises:
        MlccError: its config is damaged.
    """
    had = lora_of(folder)
    for name in (*SHAPE, *RARE):
        asked, has = given.get(name), had.get(name)
        if name in given and _plain(asked) != _plain(has):
            yield name, asked, has


def _plain(value: Any) -> Any:
    """Modules come in any order."""
    return sorted(map(str, value)) if isinstance(value, (list, tuple, set)) else value
