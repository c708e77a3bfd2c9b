"""The weights that a training changes, and how many they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from mlcc_engine.train import defaults

SEEING = r".*\b(visual|vision_tower|vision_model|multi_modal_projector)\b.*"
"""Parts of a vision-language model that see; they are left as they are."""

EXPERTS = re.compile(r"\bexperts\b")
ROUTERS = {"gate": "gate (the router)", "router": "router"}
REFERENCE = ".ref."
"""In the names of weights of a second adapter, which TRL keeps of an adapter that learns on."""

NAMED_KINDS = 12
"""Kinds of modules that are named."""


def lora_config(given: Mapping[str, Any], *, sees: bool) -> Any:
    """Make the arguments of LoRA for a job: on every linear layer of the language model.

    Args:
        given: arguments of ``peft.LoraConfig`` that the job sets.
        sees: the model has parts that see, which are left out.
    """
    from peft import LoraConfig

    left_out = {"exclude_modules": SEEING} if sees else {}
    return LoraConfig(task_type="CAUSAL_LM", **{**left_out, **defaults.lora(given)})


def freeze_seeing(model: Any) -> None:
    """Leave the parts that see as they are in a training on text, which never uses them."""
    seeing = re.compile(SEEING)
    for name, weight in model.named_parameters():
        if seeing.fullmatch(name):
            weight.requires_grad_(False)


def described(model: Any) -> list[str]:
    """Say which modules are trained, how many parameters they have, and what is left out.

    Args:
        model: as it is trained, a ``PeftModel`` or a whole model; on any device, ``meta`` too.

    Example:
        ``LoRA trains 4.9 of 139 million parameters (3.5 %): 30 × down_proj, gate_proj, …``
    """
    trained = sum(w.numel() for w in model.parameters() if w.requires_grad)
    total = sum(w.numel() for name, w in model.named_parameters() if REFERENCE not in name)
    if not hasattr(model, "peft_config"):
        lines = [f"Training {in_words(trained, total)}."]
    else:
        lines = [f"LoRA trains {in_words(trained, total)}: {_modules(model)}."]
    return [*lines, *_left_out(model)]


def in_words(trained: int, total: int) -> str:
    """A number of parameters among all: ``4.88 of 139.4 million parameters (3.5 %)``."""
    unit, size = next(
        (unit, size)
        for unit, size in (("billion", 1e9), ("million", 1e6), ("thousand", 1e3), ("", 1))
        if total >= size
    )
    many = f"{total / size:.4g} {unit}".strip()
    if trained == total:
        return f"all {many} parameters"
    return f"{trained / size:.3g} of {many} parameters ({100 * trained / total:.2g} %)"


def _modules(model: Any) -> str:
    kinds = Counter(name.rpartition(".")[2] for name in _adapted(model))
    shown = [f"{number} × {ROUTERS.get(kind, kind)}" for kind, number in sorted(kinds.items())]
    more = f", and {len(shown) - NAMED_KINDS} more kinds" if len(shown) > NAMED_KINDS else ""
    return ", ".join(shown[:NAMED_KINDS]) + more


def _adapted(model: Any) -> Iterator[str]:
    from peft.tuners.lora import LoraLayer

    for name, module in model.named_modules():
        # Experts of one tensor are wrapped once for each of their weights.
        if isinstance(module, LoraLayer) and not name.endswith(".base_layer"):
            yield name


def _left_out(model: Any) -> Iterator[str]:
    """Name what a user would expect to be trained, and is not."""
    weights = dict(model.named_parameters())
    total = sum(weight.numel() for weight in weights.values())
    adapted = set(_adapted(model)) if hasattr(model, "peft_config") else set()
    seeing = re.compile(SEEING)
    frozen = {name: weight.numel() for name, weight in weights.items() if not weight.requires_grad}
    for what, sizes in (
        (
            "the experts",
            [
                size
                for name, size in frozen.items()
                if EXPERTS.search(name) and not any(name.startswith(f"{a}.") for a in adapted)
            ],
        ),
        ("what sees images", [size for name, size in frozen.items() if seeing.fullmatch(name)]),
    ):
        if sizes:
            yield f"Not trained: {what}, {in_words(sum(sizes), total)}."
