"""Folders with a model or an adapter, judged before anything is loaded: light, without torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_core.helpers.hints import path_word
from mlcc_engine.model import architectures, quantized, standins, tensors
from mlcc_tokens.downloads import downloaded
from mlcc_tokens.local_tokenizers import FILES as TOKENIZER_FILES

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")

CONFIG, ADAPTER_CONFIG = "config.json", "adapter_config.json"


def check_model_folder(folder: Path) -> None:
    """Refuse a folder that holds no whole language model in safetensors, with its tokenizer.

    Raises:
        MlccError: it says what the folder holds instead, or what is wrong with a file.
        PlatformError: a file cannot be read.
    """
    standins.check_files(folder)
    if not (folder / CONFIG).is_file():
        if (folder / ADAPTER_CONFIG).is_file():
            raise MlccError(
                f"{folder} holds a LoRA adapter, expected a whole model.",
                hint="mlcc adapter add NAME --weights FOLDER",
            )
        _check_gguf(folder)
        raise MlccError(f"{folder} holds no model: config.json is missing.")
    check_safetensors(folder, "model")
    config = read_config(folder)
    quantized.check(config, str(folder), str(folder))
    architectures.check_plainly(config, str(folder))
    tensors.model_tensors(folder)
    check_tokenizer_files(folder)


def check_adapter_folder(folder: Path) -> None:
    """Refuse a folder that holds no LoRA adapter in safetensors.

    Raises:
        MlccError: it says what the folder holds instead.
    """
    standins.check_files(folder)
    if not (folder / ADAPTER_CONFIG).is_file():
        hint = None
        if (folder / CONFIG).is_file():
            hint = "mlcc add-ic NAME --model-data FOLDER"
        raise MlccError(f"{folder} holds no adapter: adapter_config.json is missing.", hint=hint)
    check_safetensors(folder, "adapter_model")


def check_safetensors(folder: Path, stem: str) -> None:
    """Refuse weights that only a pickle holds: loading one can run any code.

    Raises:
        MlccError: there are pickled weights and no safetensors, or no weights at all.
    """
    if (
        any(folder.glob(f"{stem}*.safetensors"))
        or (folder / f"{stem}.safetensors.index.json").is_file()
    ):
        return
    pickles = sorted(p.name for p in folder.iterdir() if p.suffix in PICKLES)
    if pickles:
        raise MlccError(
            f"{folder} holds pickled weights ({pickles[0]}), expected safetensors: "
            "loading a pickle can run any code, so it is never done.",
            hint="load it in a sandbox and save it with save_pretrained(FOLDER)",
        )
    _check_gguf(folder)
    raise MlccError(f"{folder} holds no weights: expected {stem}*.safetensors.")


def check_tokenizer_files(folder: Path) -> None:
    """Refuse a model's folder without a tokenizer: an empty one made up would train nothing.

    Raises:
        MlccError: it says which files are expected, and how to put them there.
    """
    if any((folder / name).is_file() for name in TOKENIZER_FILES):
        return
    raise MlccError(
        f"{folder} holds no tokenizer, expected {TOKENIZER_FILES[0]} (or one of "
        f"{', '.join(TOKENIZER_FILES[1:])}).",
        hint=tokenizer_hint(folder),
    )


def tokenizer_hint(folder: Path) -> str:
    """Return how to put the right tokenizer into a model's folder."""
    original = quantized.original_of(str(folder)) or "ORG/NAME"
    command = downloaded(original, ("tokenizer*", "*.jinja"), folder)
    return f"{command}   # or there: tokenizer.save_pretrained(FOLDER)"


def check_model_file(path: Path) -> None:
    """Refuse a file that is named as a model, which is a folder.

    Raises:
        MlccError: always; it says what to name in its place.
    """
    where = "--model"
    standins.check_file(path)
    if path.suffix == ".gguf":
        raise gguf_error(str(path), str(path.parent))
    if path.suffix in PICKLES:
        raise MlccError(
            f"{path} holds pickled weights, expected the folder of a model in safetensors: "
            "loading a pickle can run any code, so it is never done.",
            where=where,
            hint="load it in a sandbox and save it with save_pretrained(FOLDER)",
        )
    beside = path.parent / CONFIG
    hint = f"{where} {path_word(path.parent)}" if beside.is_file() else f"pass {where} FOLDER"
    raise MlccError(f"{path} is a file, expected the folder of a model.", where=where, hint=hint)


def gguf_error(named: str, source: str, where: str = "--model") -> MlccError:
    """Return the error for weights in GGUF.

    Args:
        named: what holds them.
        source: the folder or Hub id whose README may name the original model.
        where: the flag.
    """
    original = quantized.original_of(source)
    return MlccError(
        f"{named} holds weights in GGUF, a format to run models with; expected the model that "
        "they were made from, in safetensors.",
        where=where,
        hint=f"{where} {original or 'ORG/NAME   # the Hub id of the original model'}",
    )


def read_config(folder: Path) -> Mapping[str, Any]:
    """Return the content of ``config.json``.

    Raises:
        MlccError: it is damaged.
    """
    path = folder / CONFIG
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise MlccError(f"{path} cannot be read: {error}.", hint="copy it again") from None
    if not isinstance(document, dict):
        raise MlccError(f"{path} holds no object, expected a model's config.", hint="copy it again")
    return document


def _check_gguf(folder: Path) -> None:
    if found := sorted(folder.glob("*.gguf")):
        raise gguf_error(str(found[0]), str(folder))
