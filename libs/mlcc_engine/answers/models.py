"""Models in memory: each base once, with adapters on it by name."""

from __future__ import annotations

import gc
import json
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

CHANGING = ("pissa", "olora", "corda", "loftq")
"""Ways to begin an adapter that take from the weights of the base what they put into it."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights that are asked.

    Attributes:
        model: a built-in name, a Hub id, or the folder of a whole model.
        adapter: folder of a LoRA adapter to put on it.
        mark: changes with the adapter's files, where they may change while it is in memory.
    """

    model: str
    adapter: str | None = None
    mark: str = ""


@dataclass(slots=True)
class Loaded:
    """A base in memory.

    Attributes:
        model: with every adapter on it that was asked so far.
        chat: of the base.
        adapters: the chat of each adapter; their names within PEFT are their places.
        active: the adapter that computes now; ``None`` for the base as it is.
    """

    model: Any
    chat: Chat
    adapters: dict[Weights, Chat] = field(default_factory=dict)
    active: Weights | None = None

    def use(self, weights: Weights) -> None:
        """Have an adapter compute from now on, or the base as it is."""
        wanted = None if weights.adapter is None else weights
        if wanted == self.active:
            return
        if wanted is None:
            self.model.base_model.disable_adapter_layers()
        else:
            self.model.set_adapter(self.name_of(wanted))
            if self.active is None:
                self.model.base_model.enable_adapter_layers()
        self.active = wanted

    def chat_of(self, weights: Weights) -> Chat:
        """Return the chat of an adapter, or of the base."""
        return self.chat if weights.adapter is None else self.adapters[weights]

    def name_of(self, adapter: Weights) -> str:
        """Return the name of an adapter within PEFT."""
        return _at(list(self.adapters).index(adapter))


class Models:
    """Loads models when they are first asked, and keeps them.

    Args:
        cache: folder of the built-in models.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._loaded: dict[Weights, Loaded] = {}

    def load(self, weights: Weights) -> Loaded:
        """Load weights, unless that was done, and return their base.

        Raises:
            MlccError, PlatformError: they cannot be loaded; what was loaded before is as it was.
        """
        adapter = weights.adapter
        place = weights if adapter and changes_base(Path(adapter)) else Weights(weights.model)
        if place not in self._loaded:
            self._loaded[place] = self._load(weights.model)
        found = self._loaded[place]
        if adapter is not None and weights not in found.adapters:
            put_on(found, weights, Path(adapter))
        return found

    @contextmanager
    def ready(self, weights: Weights) -> Iterator[ChatModel]:
        """Have a model reply as the weights say, until another one is made ready.

        Raises:
            MlccError, PlatformError: as :meth:`load`.
        """
        found = self.load(weights)
        found.use(weights)
        yield ChatModel(found.model, found.chat_of(weights))

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


def put_on(found: Loaded, weights: Weights, folder: Path) -> None:
    """Put a further adapter on a base, which itself stays as it was.

    Args:
        found: the base.
        weights: of the adapter.
        folder: of the adapter.

    Raises:
        MlccError: it is not an adapter, or was not trained on this base.
    """
    models.check_adapter_folder(folder)
    chat = found.chat
    if (folder / "tokenizer_config.json").is_file():
        chat = models.load_tokenizer(str(folder))
    name = _at(len(found.adapters))
    base = found.model
    try:
        if found.adapters:
            _add(base, folder, weights.model, name)
        else:
            found.model = generate.put_on(base, folder, weights.model, name)
    except BaseException:
        take_off(base, name)
        raise
    finally:
        if found.adapters or found.model is not base:  # new layers were not switched off
            found.model.base_model.disable_adapter_layers()
            found.active = None
    found.adapters[weights] = chat
    found.model.eval()


def _add(tuned: Any, folder: Path, model: str, name: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            tuned.load_adapter(str(folder), adapter_name=name)
    except (RuntimeError, ValueError, KeyError) as error:
        raise MlccError(
            f"Adapter {folder} does not fit model {model!r}: {reason_of(error)}"
        ) from None


def take_off(model: Any, name: str) -> None:
    """Take an adapter off again that could not be loaded whole.

    Args:
        model: of PEFT with other adapters on it, or a base, which then is as it was before.
        name: of the adapter.
    """
    from peft import PeftModel

    if isinstance(model, PeftModel):
        if name in model.peft_config:
            model.delete_adapter(name)
        return
    for place, layer in list(model.named_modules()):
        within = getattr(layer, "base_layer", None) or getattr(layer, "original_module", None)
        if within is not None and type(layer).__module__.startswith("peft."):
            parent, _, child = place.rpartition(".")
            setattr(model.get_submodule(parent), child, within)
    if hasattr(model, "peft_config"):
        del model.peft_config


def changes_base(adapter: Path) -> bool:
    """Return whether an adapter changes its base when it is put on: weights, or whole layers.

    Such a one gets a base of its own.
    """
    try:
        config = json.loads((adapter / "adapter_config.json").read_bytes())
    except (OSError, ValueError):
        return False
    made = config.get("init_lora_weights")
    return (
        config.get("bias", "none") != "none"
        or bool(config.get("layer_replication"))
        or bool(config.get("trainable_token_indices"))  # others do not fit on its embedding
        or (isinstance(made, str) and made.startswith(CHANGING))
    )


def free_memory() -> None:
    """Give back the memory of what was let go."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _at(place: int) -> str:
    """Return the name of an adapter within PEFT."""
    return f"adapter{place}"
