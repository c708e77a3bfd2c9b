"""What jobs leave behind: adapters and models, as small but valid files."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.aws_account.training.job import Job

WIDTH = 8


def of_job(job: Job) -> dict[str, bytes]:
    """The files of a completed job, relative to its artifacts.

    A LoRA job leaves ``checkpoints/hf/`` (the adapter) and, when its hyperparameter
    ``merge_weights`` says so, ``checkpoints/hf_merged/`` too; a full-rank job only the latter.
    A job on instances that runs nothing leaves an adapter.
    """
    config = job.request.get("ServerlessJobConfig")
    if config is None:
        return adapter("base")
    asked = job.request.get("HyperParameters", {})
    base = config["BaseModelArn"].split("/")[-2]
    if config.get("Peft") != "LORA":
        return full_model(base, "checkpoints/hf_merged/")
    files = adapter(base, int(asked.get("lora_rank", 8)), int(asked.get("lora_alpha", 16)))
    if str(asked.get("merge_weights", "")).lower() == "true":
        files |= full_model(base, "checkpoints/hf_merged/")
    return files


def adapter(
    base: str, rank: int = 8, alpha: int = 16, under: str = "checkpoints/hf/"
) -> dict[str, bytes]:
    """A LoRA adapter in PEFT's layout."""
    config = {
        "base_model_name_or_path": base,
        "bias": "none",
        "lora_alpha": alpha,
        "lora_dropout": 0.0,
        "peft_type": "LORA",
        "r": rank,
        "target_modules": ["q_proj", "v_proj"],
        "task_type": "CAUSAL_LM",
    }
    layer = "base_model.model.model.layers.0.self_attn.q_proj"
    tensors = {
        f"{layer}.lora_A.weight": (rank, WIDTH),
        f"{layer}.lora_B.weight": (WIDTH, rank),
    }
    return {
        f"{under}adapter_config.json": json.dumps(config).encode(),
        f"{under}adapter_model.safetensors": safetensors(tensors),
    }


def full_model(base: str, under: str) -> dict[str, bytes]:
    """A model's configuration and weights in the layout of ``save_pretrained``."""
    config = {
        "_name_or_path": base,
        "architectures": ["LlamaForCausalLM"],
        "hidden_size": WIDTH,
        "max_position_embeddings": 2048,
        "model_type": "llama",
        "rope_theta": 10000.0,
        "torch_dtype": "float32",
    }
    tensors = {"model.embed_tokens.weight": (WIDTH, WIDTH)}
    return {
        f"{under}config.json": json.dumps(config).encode(),
        f"{under}tokenizer.json": b"{}",
        f"{under}tokenizer_config.json": b'{"chat_template": "{{ messages[-1].content }}"}',
        f"{under}model.safetensors": safetensors(tensors),
    }


def safetensors(tensors: Mapping[str, tuple[int, ...]]) -> bytes:
    """A safetensors file of zeros (float32) with these names and shapes."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in tensors.items():
        size = 4
        for extent in shape:
            size *= extent
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + bytes(end)
