"""Models and tokenizers: from the Hub, from a folder, or the built-in one; safetensors only."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mlcc_core.errors import MlccError
from mlcc_local.engine import refusals, tiny
from mlcc_local.smollm2 import model as smollm2
from mlcc_tokens.template import give_template

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

T = TypeVar("T")

BUILT_IN = (tiny.NAME, smollm2.NAME)
"""Models that a name without a slash means, and that need no Hub."""

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")


def default_cache() -> Path:
    """Where the built-in models live: ``$MLCC_CACHE``, else ``mlcc`` in the user's cache folder."""
    if chosen := os.environ.get("MLCC_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mlcc"


def hub_id_of(model: str) -> str | None:
    """Return the Hub id of a built-in model's original; ``None`` for any other model.

    Example:
        >>> hub_id_of("smollm2-135m")
        'HuggingFaceTB/SmolLM2-135M-Instruct'
    """
    return smollm2.HUB_ID if model == smollm2.NAME else None


def locate(model: str, cache: Path | None = None) -> str:
    """What transformers loads ``model`` by: a Hub id, or the folder of a whole model.

    Raises:
        MlccError: a path that is no folder, holds an adapter, or holds pickled weights.
        PlatformError: a built-in model cannot be made.
    """
    if model == tiny.NAME:
        return str(tiny.ensure(cache or default_cache()))
    if model == smollm2.NAME:
        return str(smollm2.ensure(cache or default_cache()))
    path = Path(model).expanduser()
    if path.is_dir():
        check_model_folder(path)
        return str(path.resolve())
    if path.exists() or model.startswith((".", "/", "~")) or model.count("/") > 1:
        raise MlccError(
            f"Model {model!r} is not a folder, expected a Hub id (org/name), "
            f"the folder of a model, or {' or '.join(BUILT_IN)}.",
            where="--model",
            hint=f"--model {tiny.NAME}",
        )
    return model


def check_model_folder(folder: Path) -> None:
    """Refuse a folder that holds no whole model in safetensors.

    Raises:
        MlccError: it says what the folder holds instead.
    """
    if not (folder / "config.json").is_file():
        if (folder / "adapter_config.json").is_file():
            raise MlccError(
                f"{folder} holds a LoRA adapter, expected a whole model.",
                hint="mlcc adapter add NAME --weights FOLDER",
            )
        raise MlccError(f"{folder} holds no model: config.json is missing.")
    check_safetensors(folder, "model")


def check_adapter_folder(folder: Path) -> None:
    """Refuse a folder that holds no LoRA adapter in safetensors.

    Raises:
        MlccError: it says what the folder holds instead.
    """
    if not (folder / "adapter_config.json").is_file():
        hint = None
        if (folder / "config.json").is_file():
            hint = "mlcc add-ic NAME --model-data FOLDER"
        raise MlccError(f"{folder} holds no adapter: adapter_config.json is missing.", hint=hint)
    check_safetensors(folder, "adapter_model")


def check_safetensors(folder: Path, stem: str) -> None:
    """Refuse weights that only a pickle holds: loading one can run any code.

    Raises:
        MlccError: there are pickled weights and no safetensors, or no weights at all.
    """
    if any(folder.glob(f"{stem}*.safetensors")):
        return
    pickles = sorted(p.name for p in folder.iterdir() if p.suffix in PICKLES)
    if pickles:
        raise MlccError(
            f"{folder} holds pickled weights ({pickles[0]}), expected safetensors: "
            "loading a pickle can run any code, so it is never done.",
            hint="load it in a sandbox and save it with save_pretrained(FOLDER)",
        )
    raise MlccError(f"{folder} holds no weights: expected {stem}*.safetensors.")


def load_tokenizer(source: str) -> tuple[PreTrainedTokenizerBase, list[str]]:
    """The tokenizer at ``source`` (see :func:`locate`), and notes for the user.

    It always has a chat template: training and ``test`` must speak to the model alike.

    Raises:
        MlccError, PlatformError: it cannot be had; says whose fault that is.
    """
    from transformers import AutoTokenizer

    tokenizer: PreTrainedTokenizerBase = _loading(
        source, lambda: AutoTokenizer.from_pretrained(source, trust_remote_code=False)
    )
    if tokenizer.eos_token is None:
        raise MlccError(
            f"The tokenizer of {source} has no end-of-sequence token, expected one: "
            "a model could never learn to stop."
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    notes = []
    if give_template(tokenizer):
        notes.append(
            f"{source} has no chat template (a base model): using a plain one "
            "(### User: … ### Assistant: …), saved with the output."
        )
    return tokenizer, notes


def stored_dtype(source: str) -> torch.dtype:
    """The number format that the weights at ``source`` are kept in, float32 if nothing says so.

    Raises:
        MlccError, PlatformError: as :func:`load_model`.
    """
    import torch
    from transformers import AutoConfig

    config: Any = _loading(
        source, lambda: AutoConfig.from_pretrained(source, trust_remote_code=False)
    )
    found = config.get_text_config().dtype or config.dtype
    return found if isinstance(found, torch.dtype) else torch.float32


def load_model(source: str, dtype: torch.dtype, device: str = "cpu") -> PreTrainedModel:
    """The causal language model at ``source`` (see :func:`locate`), on ``device``.

    Raises:
        MlccError, PlatformError: it cannot be had; says whose fault that is.
    """
    from transformers import AutoModelForCausalLM

    model: Any = _loading(
        source,
        lambda: AutoModelForCausalLM.from_pretrained(
            source, dtype=dtype, use_safetensors=True, trust_remote_code=False
        ),
    )
    moved: PreTrainedModel = model.to(device)
    return moved


def _loading(source: str, load: Callable[[], T]) -> T:
    from safetensors import SafetensorError

    try:
        return load()
    except (OSError, ValueError, ImportError, SafetensorError) as error:
        raise refusals.explain(source, error) from None
