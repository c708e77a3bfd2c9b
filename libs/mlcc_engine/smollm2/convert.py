"""From GGUF to the form of the Hub: ``python -m mlcc_engine.smollm2.convert FILE HUB_ID FOLDER``.

It runs in a process of its own: torch takes memory that the caller would keep.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcc_core.helpers import disk_error, one_line
from mlcc_engine import process

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

CONTEXT = 8192
"""Longest sequence in tokens."""

START, END, UNKNOWN = "<|im_start|>", "<|im_end|>", "<|endoftext|>"

EXACT_SETTINGS = {"rms_norm_eps": 1e-5, "initializer_range": 1 / 24}
"""Settings of the Hub's ``config.json`` that GGUF keeps in too few digits or leaves out."""

SETTINGS_OF_GGUF_ALONE = ("_model_name_or_path", "unk_token_id")
"""Settings that come from GGUF and that the Hub's ``config.json`` does not have."""


def convert(gguf: Path, hub_id: str, folder: Path) -> None:
    """Write the model in ``gguf`` to ``folder``: bfloat16 safetensors, tokenizer, settings.

    The same file gives the same bytes each time.

    Args:
        gguf: a Llama model whose weights may be quantized.
        hub_id: the repository of the Hub with the original, kept as ``_name_or_path``.
        folder: where to write; it exists.

    Raises:
        OSError, ValueError, SafetensorError: the file is damaged, or the folder cannot be written.
    """
    import torch
    import transformers

    source, name = str(gguf.parent), gguf.name
    options: dict[str, Any] = {"gguf_file": name, "dtype": torch.bfloat16}
    if hasattr(transformers, "GgufConfig"):  # older versions always dequantize
        options["quantization_config"] = transformers.GgufConfig(dequantize=True)
    loaded: Any = transformers.AutoModelForCausalLM.from_pretrained(source, **options)
    read: Any = transformers.AutoTokenizer.from_pretrained(source, gguf_file=name)
    tokenizer = make_tokenizer(read.backend_tokenizer, read.chat_template)
    tokenizer.save_pretrained(folder)
    make: Any = transformers.GenerationConfig
    loaded.generation_config = make(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    loaded.save_pretrained(folder, safe_serialization=True)
    _write_config(folder / "config.json", hub_id)
    for path in folder.iterdir():
        path.chmod(0o644)  # safetensors writes for its owner alone


def make_tokenizer(backend: Tokenizer, chat_template: str) -> PreTrainedTokenizerFast:
    """Return the Hub's tokenizer.

    GGUF does not say how text is cut before the merges; transformers assumes GPT-2's way. This
    family also takes every digit by itself, so that " 12" is three tokens.

    Args:
        backend: vocabulary and merges, as transformers reads them from GGUF.
        chat_template: the model's own.
    """
    from tokenizers import pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    cut = [
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ]
    backend.pre_tokenizer = pre_tokenizers.Sequence(cut)
    make: Callable[..., PreTrainedTokenizerFast] = PreTrainedTokenizerFast
    tokenizer = make(
        tokenizer_object=backend,
        bos_token=START,
        eos_token=END,
        pad_token=END,
        unk_token=UNKNOWN,
        additional_special_tokens=[START, END],
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )
    tokenizer.chat_template = chat_template
    return tokenizer


def _write_config(path: Path, hub_id: str) -> None:
    config = json.loads(path.read_bytes())
    kept = {name: value for name, value in config.items() if name not in SETTINGS_OF_GGUF_ALONE}
    config = {"_name_or_path": hub_id, **kept, **EXACT_SETTINGS}
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def main(gguf: str, hub_id: str, folder: str) -> str | None:
    """Convert; return one line when that fails."""
    from safetensors import SafetensorError

    process.quiet_libraries()
    process.quiet_transformers()
    try:
        convert(Path(gguf), hub_id, Path(folder))
    except (OSError, SafetensorError) as error:
        return disk_error(error, doing="convert the model").what
    except (ValueError, KeyError, ImportError, RuntimeError) as error:
        return one_line(error)
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
