"""One file for llama.cpp and Ollama, made by llama.cpp's own converter, and read again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcc_core import ExportFormat
from mlcc_core.helpers import one_line
from mlcc_engine.export import converter, merged, modelfile
from mlcc_engine.model import models

MERGED, AGAIN = "merged.partial", "again.partial"
"""Folders beside the file: the model that is converted, and what is read from the file again."""

DEFAULT: ExportFormat = "float16"
"""The number format that llama.cpp and Ollama compute with everywhere."""

EXACT = ("float32", "bfloat16")
"""Formats that weights are merged in; others are made of float32 by the converter."""


def merge(folder: Path, model: str, adapter: str | None, dtype: str) -> None:
    """Write the model that is converted; arguments and errors as of :func:`merged.write`."""
    place = folder / MERGED
    place.mkdir()
    wanted = dtype if dtype in EXACT else "float32"
    merged.write(place, model, adapter, wanted, 50 * 10**9, copies=2)


def convert(folder: Path, name: str, dtype: str) -> None:
    """Convert what :func:`merge` wrote, and write Ollama's file beside it.

    Raises:
        MlccError, PlatformError: as :func:`converter.convert`.
    """
    place = folder / MERGED
    file = folder / f"{name}.gguf"
    converter.convert(place, file, name, dtype)
    text = modelfile.text(place, file.name)
    (folder / f"{name}.Modelfile").write_text(text, encoding="utf-8")
    for weights in place.glob("*.safetensors*"):
        weights.unlink()


def read_again(folder: Path, name: str, dtype: str) -> Mapping[str, Any]:
    """Read the weights of the file by transformers, for a model that can be asked.

    Its tokenizer is that of the model that was converted: transformers does not read from GGUF
    how text is cut. Tokens, ends of turns and the chat template of the file are compared with it.

    Returns:
        ``lacks``: why it cannot be read here, or ``None``; ``wrong``: what differs in the file.
    """
    place, again = folder / MERGED, folder / AGAIN
    try:
        _dequantize(folder, f"{name}.gguf", again, dtype)
    except (ValueError, NotImplementedError, ImportError, KeyError, RuntimeError) as error:
        shutil.rmtree(again, ignore_errors=True)
        return {"lacks": one_line(error), "wrong": []}
    wrong = list(_differences(folder / f"{name}.gguf", place))
    for path in place.iterdir():
        if path.name != "config.json":
            shutil.copyfile(path, again / path.name)
    return {"lacks": None, "wrong": wrong}


def _dequantize(folder: Path, name: str, again: Path, dtype: str) -> None:
    import torch
    import transformers

    exact = torch.float32 if dtype == "q8_0" else getattr(torch, dtype)
    options: dict[str, Any] = {"gguf_file": name, "dtype": exact}
    if hasattr(transformers, "GgufConfig"):  # older versions always dequantize
        options["quantization_config"] = transformers.GgufConfig(dequantize=True)
    loaded: Any = transformers.AutoModelForCausalLM.from_pretrained(str(folder), **options)
    loaded.save_pretrained(again)


def _differences(file: Path, place: Path) -> list[str]:
    """Say what the file tells otherwise than the model that it was made from."""
    from gguf import GGUFReader

    reader = GGUFReader(file)
    told = {key: field.contents() for key, field in reader.fields.items() if key in TOLD}
    chat = models.load_tokenizer(str(place))
    known = json.loads((place / "generation_config.json").read_bytes()).get("eos_token_id")
    ends = known if isinstance(known, list) else [known]
    found = []
    if told.get(TEMPLATE) != chat.tokenizer.chat_template:
        found.append("the chat template")
    if told.get(END) not in ends:
        found.append("the token that ends a turn")
    tokens: Any = told.get(TOKENS) or []
    if tokens[: len(chat.tokenizer)] != _vocabulary(chat.tokenizer):
        found.append("the vocabulary")
    return found


TEMPLATE, END, TOKENS = (
    "tokenizer.chat_template",
    "tokenizer.ggml.eos_token_id",
    "tokenizer.ggml.tokens",
)
TOLD = (TEMPLATE, END, TOKENS)


def _vocabulary(tokenizer: Any) -> list[str]:
    by_id = sorted((place, token) for token, place in tokenizer.get_vocab().items())
    return [token for _, token in by_id]
