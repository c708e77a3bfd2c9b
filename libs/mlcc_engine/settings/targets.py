"""Modules that LoRA's settings name, held against those that the model has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mlcc_core import MlccError

ALL_LINEAR = "all-linear"
NAMED = ("target_modules", "modules_to_save", "exclude_modules")
LAYER = re.compile(r"\.(\d+)\.")
SHOWN = 16
"""Names of modules that are shown."""


def check(model: Any, lora: Mapping[str, Any]) -> None:
    """Refuse modules and layers that the model lacks.

    Args:
        model: without an adapter, on any device.
        lora: arguments of ``peft.LoraConfig`` that the job sets.

    Raises:
        MlccError: it names them, and those that there are.
    """
    names = [name for name, _ in model.named_modules() if name]
    for setting in NAMED:
        given = lora.get(setting)
        if given is None or given == ALL_LINEAR:
            continue
        missing = _missing(given, names)
        if missing:
            raise MlccError(
                f"--set {setting}: the model has no module {', '.join(map(repr, missing))}; "
                f"it has {', '.join(_kinds(model, everything=setting != 'target_modules'))}.",
                where=f"--set {setting}",
                hint=f"leave --set {setting} out: LoRA is then on every linear layer",
            )
    _check_layers(lora.get("layers_to_transform"), names)


def _check_layers(given: Any, names: Iterable[str]) -> None:
    """Refuse layers that the model lacks."""
    if given is None:
        return
    layers = {int(found[1]) for name in names if (found := LAYER.search(f"{name}."))}
    missing = sorted(set(given if isinstance(given, list) else [given]) - layers)
    if missing:
        raise MlccError(
            f"--set layers_to_transform: the model has no layer {', '.join(map(str, missing))}: "
            f"expected 0 to {max(layers, default=0)}.",
            where="--set layers_to_transform",
            hint="leave --set layers_to_transform out: LoRA is then on every layer",
        )


def _missing(given: Any, names: Iterable[str]) -> list[str]:
    """Return what names no module: as PEFT reads it, a list of ends of names or an expression."""
    if isinstance(given, str):
        try:
            return [] if any(re.fullmatch(given, name) for name in names) else [given]
        except re.error:
            return [given]
    return [
        end for end in given if not any(name == end or name.endswith(f".{end}") for name in names)
    ]


def _kinds(model: Any, *, everything: bool) -> list[str]:
    """Return the last parts of the names of modules; of all, or of those that LoRA adapts."""
    import torch

    adapted = (torch.nn.Linear, torch.nn.Embedding)
    kinds = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if name and (isinstance(module, adapted) or everything)
    }
    named = sorted(kind for kind in kinds if not kind.isdigit())
    return named if len(named) <= SHOWN else [*named[:SHOWN], "…"]
