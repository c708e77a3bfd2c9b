"""Chats in which a model is asked as another one would be."""

from __future__ import annotations

from pathlib import Path

from mlcc_engine.answers.models import Loaded, Weights
from mlcc_engine.answers.prompts import Encoder
from mlcc_engine.generate import ChatModel
from mlcc_engine.model import models
from mlcc_tokens.templates.chat import Chat


class Chats:
    """Finds chats with what makes tokens of conversations in them, and keeps them."""

    def __init__(self) -> None:
        self._found: dict[tuple[Weights, Weights], Encoder] = {}

    def find(self, loaded: Loaded, asked: Weights, as_asked: Weights) -> Encoder:
        """Return the encoder for a model that is asked as another one would be.

        The template of an adapter on the same base is taken as it is. A whole model has a
        tokenizer of its own, so that only its choice about thoughts is.

        Args:
            loaded: the base that is asked.
            asked: its weights.
            as_asked: the other model.

        Raises:
            MlccError, PlatformError: the other one's tokenizer cannot be loaded.
        """
        pair = asked, as_asked
        if pair not in self._found:
            chat = _find(loaded, asked, as_asked)
            self._found[pair] = Encoder(ChatModel(loaded.model, chat))
        return self._found[pair]


def _find(loaded: Loaded, asked: Weights, as_asked: Weights) -> Chat:
    own = loaded.chat_of(asked)
    if as_asked == asked:
        return own
    if as_asked.model == asked.model:
        if as_asked.adapter is None or not _has_tokenizer(as_asked.adapter):
            return loaded.chat
        return models.load_tokenizer(as_asked.adapter)
    thinking = models.load_tokenizer(_source(as_asked)).thinking
    if thinking is None or own.thinking in (None, thinking):
        return own
    return models.load_tokenizer(_source(asked), thinking)


def _source(weights: Weights) -> str:
    if weights.adapter is not None and _has_tokenizer(weights.adapter):
        return weights.adapter
    return models.locate(weights.model)


def _has_tokenizer(adapter: str) -> bool:
    return (Path(adapter) / "tokenizer_config.json").is_file()
