"""The start of a training in memory: an adapter, loaded so that it learns on."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_core.helpers import reason_of
from mlcc_engine.model import models
from mlcc_engine.request import Request
from mlcc_engine.start import adapters, content
from mlcc_tokens.templates.chat import Chat

FREE = ("lora_dropout",)
"""Arguments of ``peft.LoraConfig`` that a job on an earlier adapter may choose anew."""


def adapter_of(request: Request) -> Path | None:
    """Return the folder of the adapter that a job goes on from, if it does."""
    start = request.start
    return Path(start.path) if start is not None and start.kind == "adapter" else None


def chat_of(request: Request, source: str) -> Chat:
    """Load the tokenizer of a training: the adapter that is trained on brings its own.

    Args:
        request: what is trained.
        source: of the model.

    Raises:
        MlccError, PlatformError: as :func:`mlcc_engine.model.models.load_tokenizer`.
    """
    adapter = adapter_of(request)
    own = adapter is not None and (adapter / "tokenizer_config.json").is_file()
    return models.load_tokenizer(str(adapter) if own else source, request.thinking)


def fitted(request: Request) -> Request:
    """Return the request with the shape of the adapter that it goes on from, once that is checked.

    Raises:
        MlccError: the start is gone, is not what the request was made for, has another shape than
            is asked for, or holds values that are not finite numbers.
    """
    start = request.start
    if start is None:
        return request
    folder = Path(start.path)
    if not folder.is_dir():
        raise MlccError(f"The start {folder} is gone.", hint="mlcc runs list")
    if not content.is_as_planned(folder, start.kind, start.fingerprint):
        raise MlccError(
            f"The start {folder} has changed since this job was planned.",
            hint="plan it again, with the same command",
        )
    if start.kind == "model":
        return request
    for name, asked, has in adapters.differences(request.lora, folder):
        raise MlccError(
            f"The adapter {folder} has {name} {has}, and {asked} is asked for: "
            "its shape cannot change.",
            hint=f"leave {name} out",
        )
    check_numbers(folder)
    return replace(request, lora={**request.lora, **adapters.lora_of(folder)})


def check_numbers(folder: Path) -> None:
    """Refuse an adapter with values that are not finite numbers.

    Raises:
        MlccError: it names the first such tensor.
    """
    import torch
    from safetensors import safe_open

    for path in sorted(folder.glob("adapter_model*.safetensors")):
        with safe_open(path, framework="pt") as file:
            names = file.keys()  # the file is no dict
            for name in names:
                if not bool(torch.isfinite(file.get_tensor(name)).all()):
                    raise MlccError(
                        f"The adapter {folder} holds values that are not finite numbers ({name}).",
                        hint="mlcc runs list   # name another run",
                    )


def with_start(model: Any, request: Request) -> Any:
    """Return the model that is trained: with the earlier adapter on it, if there is one.

    Raises:
        MlccError: the adapter does not fit the model.
    """
    folder = adapter_of(request)
    if folder is None:
        return model
    from peft import LoraConfig, PeftModel

    config = LoraConfig.from_pretrained(str(folder))
    for name in FREE:
        setattr(config, name, request.lora.get(name, getattr(config, name)))
    try:
        with warnings.catch_warnings():
            # What does not fit is refused below; PEFT asks for a renamed attribute besides.
            warnings.simplefilter("ignore")
            peft = PeftModel.from_pretrained(model, str(folder), is_trainable=True, config=config)
    except (RuntimeError, ValueError, KeyError) as error:
        raise MlccError(
            f"The adapter {folder} does not fit {request.model!r}: {reason_of(error)}"
        ) from None
    check_fit(peft, folder, request.model)
    return peft


def check_fit(peft: Any, folder: Path, model: str) -> None:
    """Refuse an adapter with matrices for other layers than the model has: PEFT only warns.

    Args:
        peft: the model with an adapter of that shape on it, on any device, ``meta`` too.
        folder: of the adapter.
        model: as the user calls it.

    Raises:
        MlccError: it names the first such matrix.
    """
    from peft import get_peft_model_state_dict
    from safetensors import safe_open

    state = get_peft_model_state_dict(peft, save_embedding_layers=False)
    wanted = {name: list(tensor.shape) for name, tensor in state.items()}
    had: dict[str, list[int]] = {}
    for path in sorted(folder.glob("adapter_model*.safetensors")):
        with safe_open(path, framework="pt") as file:
            names = file.keys()  # the file is no dict
            had |= {name: file.get_slice(name).get_shape() for name in names}
    for name in sorted(had.keys() | wanted.keys()):
        if had.get(name) != wanted.get(name):
            raise MlccError(
                f"The adapter {folder} does not fit {model!r}: {name} has size {had.get(name)}, "
                f"expected {wanted.get(name)}.",
                hint="pass --model with the model that it was trained on",
            )


def in_words(request: Request) -> list[str]:
    """Say in a line of the log what the training goes on from."""
    start = request.start
    if start is None:
        return []
    job = start.lineage[-1].get("job") if start.lineage else None
    noun = "adapter" if start.kind == "adapter" else "model"
    return [f"Goes on from the {noun} of {job}" if job else f"Goes on from the {noun} {start.path}"]
