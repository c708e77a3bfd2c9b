"""LoRA adapters in the words of other programs: their rank, and the command that serves them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

VLLM_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""Values of vLLM's ``--max-lora-rank`` (``MaxLoRARanks`` in its ``vllm/config/lora.py``)."""

VLLM_RANK = 16
"""Its default."""

PEFT_RANK = 8
"""The rank of an adapter whose config names none: the default of PEFT's ``LoraConfig``."""


def lora_rank(config: Mapping[str, Any]) -> int:
    """Return the largest rank that an adapter has on any module.

    Args:
        config: its ``adapter_config.json``.

    Example:
        >>> lora_rank({"r": 8, "rank_pattern": {"q_proj": 32}})
        32
    """
    ranks = [config.get("r", PEFT_RANK), *(config.get("rank_pattern") or {}).values()]
    return max((rank for rank in ranks if isinstance(rank, int)), default=PEFT_RANK)


def vllm_with_adapter(base: str, module: str, rank: int) -> str:
    """Return the command by which vLLM serves a base model and an adapter on it.

    Args:
        base: a word of a shell: the model's name or folder.
        module: a word of a shell: ``NAME=PLACE`` of the adapter.
        rank: of the adapter.

    Example:
        >>> vllm_with_adapter("org/base", "tuned=me/qa-lora", 24)
        'vllm serve org/base --enable-lora --lora-modules tuned=me/qa-lora --max-lora-rank 32'
    """
    command = f"vllm serve {base} --enable-lora --lora-modules {module}"
    if rank <= VLLM_RANK:
        return command
    held = next((known for known in VLLM_RANKS if known >= rank), VLLM_RANKS[-1])
    return f"{command} --max-lora-rank {held}"
