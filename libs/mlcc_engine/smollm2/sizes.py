"""The sizes of SmolLM2-135M-Instruct, so that they are known before it is downloaded."""

from __future__ import annotations

from collections.abc import Mapping

CONFIG: Mapping[str, int] = {
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "head_dim": 64,
    "vocab_size": 49_152,
    "max_position_embeddings": 8192,
}
"""The numbers of its ``config.json`` that decide them."""


def shapes() -> Mapping[str, tuple[int, ...]]:
    """Return the sizes of its tensors by name, as the file has them; the embedding is tied."""
    width, inner = CONFIG["hidden_size"], CONFIG["intermediate_size"]
    keys = CONFIG["num_key_value_heads"] * CONFIG["head_dim"]
    layer = {
        "self_attn.q_proj": (width, width),
        "self_attn.k_proj": (keys, width),
        "self_attn.v_proj": (keys, width),
        "self_attn.o_proj": (width, width),
        "mlp.gate_proj": (inner, width),
        "mlp.up_proj": (inner, width),
        "mlp.down_proj": (width, inner),
        "input_layernorm": (width,),
        "post_attention_layernorm": (width,),
    }
    layers = {
        f"model.layers.{index}.{name}.weight": shape
        for index in range(CONFIG["num_hidden_layers"])
        for name, shape in layer.items()
    }
    ends = {
        "model.embed_tokens.weight": (CONFIG["vocab_size"], width),
        "model.norm.weight": (width,),
    }
    return {**ends, **layers}
