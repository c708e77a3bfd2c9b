"""A wheel with a tiny quantized Llama model in it, as the real package has one."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path

from mlcc_engine.smollm2.model import PACKAGE
from mlcc_engine.smollm2.package import Package

WIDTH, HEADS, LAYERS, FEED_FORWARD = 64, 2, 1, 128
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = "{% for m in messages %}{{ '<|im_start|>' + m['content'] + '<|im_end|>' }}{% endfor %}"


def write_gguf(path: Path) -> None:
    """Write the model: weights in Q4_1, one token a byte and two merges."""
    import numpy as np
    from gguf import GGMLQuantizationType, GGUFWriter, TokenType, quants
    from tokenizers import pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*SPECIAL, *letters, "12", "Ġ1"]
    writer = GGUFWriter(path, "llama")
    writer.add_name("Tiny")
    writer.add_context_length(8192)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(100000.0)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    kinds = [TokenType.CONTROL] * 3 + [TokenType.NORMAL] * (len(tokens) - 3)
    writer.add_token_types(kinds)
    writer.add_token_merges(["1 2", "Ġ 1"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    dice = np.random.default_rng(0)
    shapes = {"token_embd": (len(tokens), WIDTH)}
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        shapes |= {f"{block}.attn_{part}": (WIDTH, WIDTH) for part in ("q", "k", "v", "output")}
        shapes |= {f"{block}.ffn_{part}": (FEED_FORWARD, WIDTH) for part in ("gate", "up")}
        shapes[f"{block}.ffn_down"] = (WIDTH, FEED_FORWARD)
    for name, shape in shapes.items():
        weights = dice.standard_normal(shape).astype(np.float32) / 8
        kind = GGMLQuantizationType.Q4_1
        writer.add_tensor(f"{name}.weight", quants.quantize(weights, kind), raw_dtype=kind)
    norms = ["output_norm", *(f"blk.{i}.{p}_norm" for i in range(LAYERS) for p in ("attn", "ffn"))]
    for name in norms:
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def make_wheel(gguf: bytes) -> tuple[str, bytes]:
    """Return the file name and the bytes of a wheel that holds ``gguf``."""
    stem = f"{PACKAGE.name.replace('-', '_')}-{PACKAGE.version}"
    about = f"Metadata-Version: 2.1\nName: {PACKAGE.name}\nVersion: {PACKAGE.version}\n"
    wheel = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(PACKAGE.file, gguf)
        archive.writestr(f"{stem}.dist-info/METADATA", about)
        archive.writestr(f"{stem}.dist-info/WHEEL", wheel)
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    return f"{stem}-py3-none-any.whl", buffer.getvalue()


def package_of(gguf: bytes, wheel: bytes) -> Package:
    """Return the real package, but with the hashes of these bytes."""
    return replace(
        PACKAGE,
        wheel_sha256=hashlib.sha256(wheel).hexdigest(),
        file_sha256=hashlib.sha256(gguf).hexdigest(),
        size=len(wheel),
    )
