"""Models and tokenizers: from the Hub, from a folder, or the built-in one; safetensors only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from mlcc_core import MlccError
from mlcc_core.helpers import default_cache, is_out_of_memory
from mlcc_engine import load_errors
from mlcc_engine.hub import fetch
from mlcc_engine.hub.names import shown
from mlcc_engine.model import architectures, quantized, tiny, vocabulary
from mlcc_engine.model.architectures import check_architecture, is_vision_language
from mlcc_engine.model.model_folder import (
    CONFIG,
    check_adapter_folder,
    check_model_file,
    check_model_folder,
)
from mlcc_engine.smollm2 import model as smollm2
from mlcc_tokens.reply import give_schema
from mlcc_tokens.templates.chat import Chat, Thinking, prepare

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

__all__ = [
    "check_adapter_folder",
    "check_architecture",
    "check_model_folder",
    "check_source",
    "default_cache",
    "is_vision_language",
    "load_config",
    "load_model",
    "load_tokenizer",
    "locate",
    "stored_dtype",
]

T = TypeVar("T")

Bits = Literal["4bit"]
"""The number of bits that frozen weights are held in."""

BUILT_IN = (tiny.NAME, smollm2.NAME)
"""Models that a name without a slash means, and that need no Hub."""


def hub_id_of(model: str) -> str | None:
    """Return the Hub id of a built-in model's original; ``None`` for any other model.

    Example:
        >>> hub_id_of("smollm2-135m")
        'HuggingFaceTB/SmolLM2-135M-Instruct'
    """
    return smollm2.HUB_ID if model == smollm2.NAME else None


def locate(model: str, cache: Path | None = None, *, weights: bool = True) -> str:
    """Return the folder from which transformers loads ``model``; it is downloaded if need be.

    Args:
        model: a built-in name, a folder, or a name of the Hub, maybe with a revision.
        cache: where the built-in models live.
        weights: of a model of the Hub are needed, too.

    Raises:
        MlccError: a path that is not a folder, or one with something else than a model that can be
            trained (see :func:`~mlcc_engine.model.model_folder.check_model_folder`).
        PlatformError: a file cannot be read, or a built-in model not made.
    """
    if model == tiny.NAME:
        return str(tiny.ensure(cache or default_cache()))
    if model == smollm2.NAME:
        return str(smollm2.ensure(cache or default_cache()))
    path = Path(model).expanduser()
    if path.is_dir():
        check_model_folder(path)
        return str(path.resolve())
    if path.is_file():
        check_model_file(path)
    if path.exists() or model.startswith((".", "/", "~")) or model.count("/") > 1:
        raise MlccError(
            f"Model {model!r} is not a folder, expected a Hub id (org/name), "
            f"the folder of a model, or {' or '.join(BUILT_IN)}.",
            where="--model",
            hint=f"--model {tiny.NAME}",
        )
    return fetch.obtain(model, weights=weights)


def load_tokenizer(source: str, thinking: Thinking | None = None) -> Chat:
    """Load the tokenizer at ``source`` (see :func:`locate`), fit for chat.

    Training, sampling, judges and ``test`` get theirs here: they prompt a model alike.

    Args:
        source: folder, Hub id or name of a built-in model.
        thinking: ``on`` or ``off``, as the user chose.

    Raises:
        MlccError, PlatformError: it cannot be had, makes no tokens, does not fit the model beside
            it, or its chat template cannot be used; its class says whose fault that is.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            source, trust_remote_code=False
        )
    except Exception as error:  # whatever a broken tokenizer makes the libraries raise
        if is_out_of_memory(error):
            raise
        raise load_errors.explain_tokenizer(source, error) from None
    vocabulary.check_makes_tokens(tokenizer, shown(source))
    if tokenizer.eos_token is None:
        raise MlccError(
            f"The tokenizer of {shown(source)} has no end-of-sequence token, expected one: "
            "a model could never learn to stop."
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    size = embeddings(source)
    notes = [] if size is None else vocabulary.fit_special_tokens(tokenizer, size, shown(source))
    give_schema(tokenizer)
    chat = prepare(tokenizer, shown(source), thinking)
    return replace(chat, notes=(*notes, *chat.notes))


def end_turns(model: Any, chat: Chat) -> None:
    """Let what ends a turn in training end it wherever ``model`` generates, once saved too."""
    settings = model.generation_config
    ends = ends_of(model, chat)
    settings.eos_token_id = ends if len(ends) > 1 else ends[0]
    if settings.pad_token_id is None:
        settings.pad_token_id = chat.tokenizer.pad_token_id


def ends_of(model: Any, chat: Chat) -> list[int]:
    """Return the tokens that end a reply of ``model`` in ``chat``: its own are among them."""
    own = model.generation_config.eos_token_id
    known = own if isinstance(own, list) else [] if own is None else [own]
    return list(dict.fromkeys([*chat.ends, *known]))


def check_source(source: str, model: str) -> None:
    """Refuse a model that cannot be trained, by its config; nothing else is downloaded.

    Args:
        source: of the model, see :func:`locate`.
        model: as the user calls it.

    Raises:
        MlccError: an architecture that is not a causal language model, or quantised weights.
        PlatformError: the config cannot be had.
    """
    from transformers import PretrainedConfig

    config, _ = _loading(source, lambda: PretrainedConfig.get_config_dict(source))
    if not config:
        raise load_errors.without_config(source)
    quantized.check(config, model, source)
    architectures.check_architecture(config, model)


def load_config(source: str) -> Any:
    """The config of the model at ``source`` (see :func:`locate`).

    Raises:
        MlccError, PlatformError: it cannot be had; its class says whose fault that is.
    """
    from transformers import AutoConfig

    return _loading(source, lambda: AutoConfig.from_pretrained(source, trust_remote_code=False))


def embeddings(source: str) -> int | None:
    """The tokens that the model at ``source`` has embeddings for; ``None`` for an adapter.

    Raises:
        MlccError, PlatformError: as :func:`load_config`.
    """
    if Path(source).is_dir() and not (Path(source) / CONFIG).is_file():
        return None
    size = getattr(load_config(source).get_text_config(), "vocab_size", None)
    return size if isinstance(size, int) else None


def stored_dtype(source: str) -> torch.dtype:
    """The number format that the weights at ``source`` are kept in, float32 if nothing says so.

    Raises:
        MlccError, PlatformError: as :func:`load_model`.
    """
    import torch

    config = load_config(source)
    found = config.get_text_config().dtype or config.dtype
    return found if isinstance(found, torch.dtype) else torch.float32


def dtype_to_save(source: str, asked: Literal["base", "float32"]) -> torch.dtype:
    """The number format that a full model is written in.

    Raises:
        MlccError, PlatformError: as :func:`load_model`.
    """
    import torch

    return torch.float32 if asked == "float32" else stored_dtype(source)


def load_model(
    source: str, dtype: torch.dtype, device: str = "cpu", bits: Bits | None = None
) -> PreTrainedModel:
    """The language model at ``source`` (see :func:`locate`), on ``device``.

    A vision-language model is loaded whole, so that what is saved keeps its structure.

    Args:
        source: folder, Hub id or name of a built-in model.
        dtype: the number format to compute in.
        device: torch's name of it.
        bits: ``4bit`` to hold the linear layers so; they can no longer be trained themselves.

    Raises:
        MlccError, PlatformError: it cannot be had, or lacks weights.
    """
    check_source(source, source)
    config = load_config(source)
    options = quantized.loading(config.to_dict())
    if bits is not None:
        options = {**options, **quantized.in_four_bits(dtype, device)}
    loader = auto_class(config)
    model, loading_info = _loading(
        source,
        lambda: loader.from_pretrained(
            source,
            dtype=dtype,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
            **options,
        ),
    )
    # Without a word, transformers makes up what a file lacks.
    lacking = sorted(loading_info["missing_keys"])
    if lacking:
        raise MlccError(
            f"The weights of model {shown(source)!r} lack {lacking[0]!r}"
            + (f" and {len(lacking) - 1} more" if len(lacking) > 1 else "")
            + ", which its config asks for.",
            where="--model",
            hint="copy it again, with all its files",
        )
    if bits is not None:
        quantized.keep_unpacked(model)
        return cast("PreTrainedModel", model)  # on the device already, and not to be moved
    moved: PreTrainedModel = model.to(device)
    return moved


def auto_class(config: Any) -> Any:
    """The class that loads a model with that config: vision-language models keep what sees."""
    import transformers

    if is_vision_language(config):
        return transformers.AutoModelForImageTextToText
    return transformers.AutoModelForCausalLM


def _loading(source: str, load: Callable[[], T]) -> T:
    from safetensors import SafetensorError

    try:
        return load()
    except (OSError, ValueError, ImportError, SafetensorError) as error:
        if is_out_of_memory(error):
            raise  # its weights are not to blame
        raise load_errors.explain(source, error) from None
