"""The command that serves a base model and its adapters with vLLM.

vLLM keeps the base in memory once and switches adapters per request. Each adapter is given as JSON:
the shorter ``name=path`` cannot hold every path.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from mlcc_core import Context, MlccError, ServerCommand, ServerPlan
from mlcc_core.helpers import VLLM_RANKS, lora_rank
from mlcc_engine.model.models import locate
from mlcc_folders.answering.subjects import weights_of
from mlcc_folders.serving.weights import adapter_config

TITLE = "vLLM"

IN_A_BATCH = 8
"""Adapters that one batch may use; each takes memory of the GPU whether it is asked or not."""

GREEDY = {"temperature": 0.0}
"""The most likely reply, for requests that do not say how it is chosen."""


@dataclass(frozen=True)
class ServedAdapter:
    """An adapter as vLLM is told of it."""

    name: str
    folder: str
    rank: int


def server_command(context: Context, plan: ServerPlan) -> ServerCommand | None:
    """Return the command for a plan; ``None`` where vLLM or a GPU that it needs is missing.

    Raises:
        MlccError, PlatformError: the base model cannot be had.
    """
    if find_spec("vllm") is None or not _has_gpu():
        return None
    adapters: list[ServedAdapter] = []
    left_out: dict[str, str] = {}
    for name, subject in plan.subjects.items():
        weights = weights_of(context, subject)
        if name in plan.base:
            continue
        if weights["adapter"] is None:
            left_out[name] = (
                "vLLM serves one whole model at a time; mlcc serve --server mlcc serves all"
            )
            continue
        try:
            adapters.append(as_adapter(name, weights["adapter"]))
        except MlccError as error:
            left_out[name] = error.what
    model = locate(weights_of(context, plan.subjects[plan.base[0]])["model"])
    return ServerCommand(
        TITLE,
        build_command(model, adapters, plan),
        environment(plan.key),
        left_out,
    )


def as_adapter(name: str, folder: str) -> ServedAdapter:
    """Return an adapter as vLLM is told of it.

    Raises:
        MlccError: vLLM cannot apply it.
    """
    config = adapter_config(Path(folder))
    rank = lora_rank(config)
    lacks = [
        word
        for word, wrong in (
            ("no other kind of adapter than LoRA", config.get("peft_type", "LORA") != "LORA"),
            ("no DoRA", config.get("use_dora")),
            ("no trained copies of whole modules (modules_to_save)", config.get("modules_to_save")),
            ("no bias", config.get("bias", "none") != "none" or config.get("lora_bias")),
            (f"no rank above {VLLM_RANKS[-1]}, and this has {rank}", rank > VLLM_RANKS[-1]),
        )
        if wrong
    ]
    if lacks:
        raise MlccError(
            f"vLLM has {' and '.join(lacks)}; mlcc serve --server mlcc serves it",
            hint="mlcc serve --server mlcc",
        )
    return ServedAdapter(name, str(Path(folder).resolve()), rank)


def build_command(model: str, adapters: list[ServedAdapter], plan: ServerPlan) -> tuple[str, ...]:
    """Return the words of the command, which runs with this very Python.

    Args:
        model: the folder of the base.
        adapters: on it.
        plan: the names of the base, and the address.
    """
    words = [sys.executable, "-m", "vllm.entrypoints.cli.main", "serve", model]
    words += ["--served-model-name", *plan.base]
    words += ["--host", plan.host, "--port", str(plan.port)]
    # Its own default lets every web page in.
    words += ["--allowed-origins", "[]"]
    words += ["--generation-config", "vllm", "--override-generation-config", json.dumps(GREEDY)]
    if adapters:
        largest = max(adapter.rank for adapter in adapters)
        words += ["--enable-lora"]
        words += ["--max-lora-rank", str(next(rank for rank in VLLM_RANKS if rank >= largest))]
        words += ["--max-loras", str(min(len(adapters), IN_A_BATCH))]
        words += ["--max-cpu-loras", str(len(adapters))]
        words += ["--lora-modules", *(_module(adapter, plan.base[0]) for adapter in adapters)]
    return tuple(words)


def environment(key: str | None) -> Mapping[str, str]:
    """Return the variables that vLLM gets: other users see the words of a command."""
    told = {"VLLM_NO_USAGE_STATS": "1"}
    return told if key is None else {**told, "VLLM_API_KEY": key}


def _module(adapter: ServedAdapter, base: str) -> str:
    said = {"name": adapter.name, "path": adapter.folder, "base_model_name": base}
    return json.dumps(said, ensure_ascii=False)


def _has_gpu() -> bool:
    if find_spec("torch") is None:
        return False
    import torch

    return torch.cuda.is_available()
