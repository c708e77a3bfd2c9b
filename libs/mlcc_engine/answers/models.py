"""Models in memory: each base once, with adapters on it by name."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_core.helpers import is_out_of_memory, reason_of
from mlcc_engine import generate
from mlcc_engine.generate import ChatModel
from mlcc_engine.model import models
from mlcc_tokens.templates.chat import Chat


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights that are asked.

    Attributes:
        model: a built-in name, a Hub id, or the folder of a whole model.
        adapter: folder of a LoRA adapter to put on it.
    """

    model: str
    adapter: str | None = None


@dataclass(slots=True)
class Loaded:
    """A base in memory.

    Attributes:
        model: with every adapter on it that was asked so far.
        chat: of the base.
        adapters: by folder, the chat of each adapter; their names within PEFT are their places.
    """

    model: Any
    chat: Chat
    adapters: dict[str, Chat] = field(default_factory=dict)


class Models:
    """Loads models when they are first asked, and keeps them.

    Args:
        cache: folder of the built-in models.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._loaded: dict[str, Loaded] = {}

    def load(self, weights: Weights) -> None:
        """Load weights, unless that was done.

        Raises:
            MlccError, PlatformError: they cannot be loaded.
        """
        if weights.model not in self._loaded:
            self._loaded[weights.model] = self._load(weights.model)
        found = self._loaded[weights.model]
        if weights.adapter is not None and weights.adapter not in found.adapters:
            put_on(found, weights.adapter, weights.model)

    @contextmanager
    def ready(self, weights: Weights) -> Iterator[ChatModel]:
        """Have a model reply as the weights say, for as long as the block runs.

        Raises:
            MlccError, PlatformError: as :meth:`load`.
        """
        self.load(weights)
        found = self._loaded[weights.model]
        if weights.adapter is not None:
            found.model.set_adapter(_name(found, weights.adapter))
            yield ChatModel(found.model, found.adapters[weights.adapter])
        elif found.adapters:
            with found.model.disable_adapter():
                yield ChatModel(found.model, found.chat)
        else:
            yield ChatModel(found.model, found.chat)

    def _load(self, model: str) -> Loaded:
        """Load a base; where memory is short, others make room for it."""
        try:
            chat_model = generate.load(model, cache=self._cache)
        except Exception as error:
            if not is_out_of_memory(error) or not self._loaded:
                raise
        else:
            return Loaded(chat_model.model, chat_model.chat)
        self._loaded.clear()
        free_memory()
        chat_model = generate.load(model, cache=self._cache)
        return Loaded(chat_model.model, chat_model.chat)


def import_all() -> None:
    """Import what loading and asking a model takes, adapters left aside."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

    _ = torch, AutoModelForCausalLM, AutoTokenizer, GenerationConfig


def put_on(found: Loaded, adapter: str, model: str) -> None:
    """Put a further adapter on a base, which itself stays as it was.

    Args:
        found: the base.
        adapter: folder of the adapter.
        model: names the base, for messages.

    Raises:
        MlccError: it is not an adapter, or was not trained on this base.
    """
    folder = Path(adapter)
    models.check_adapter_folder(folder)
    chat = found.chat
    if (folder / "tokenizer_config.json").is_file():
        chat = models.load_tokenizer(adapter)
    if not found.adapters:
        found.model = generate.put_on(found.model, folder, model, _at(0))
    else:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)
                found.model.load_adapter(adapter, adapter_name=_at(len(found.adapters)))
        except (RuntimeError, ValueError, KeyError) as error:
            raise MlccError(
                f"Adapter {folder} does not fit model {model!r}: {reason_of(error)}"
            ) from None
    found.adapters[adapter] = chat
    found.model.eval()


def free_memory() -> None:
    """Give back the memory of what was let go."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _name(found: Loaded, adapter: str) -> str:
    return _at(list(found.adapters).index(adapter))


def _at(place: int) -> str:
    """Return the name of an adapter within PEFT."""
    return f"adapter{place}"
