"""All that decides a reply, checked before anything is generated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcc_core import MlccError, PlatformError
from mlcc_engine.answers import prompts
from mlcc_engine.answers.models import Loaded
from mlcc_engine.answers.prompts import Encoder
from mlcc_engine.talking.drawing import Choice
from mlcc_tokens.templates.chat import Chat

LONGEST = 32768
"""Tokens of a reply of a model that tells no context, where no limit is given."""


@dataclass(frozen=True, slots=True)
class Question:
    """A conversation that waits for a reply, as the contract's ``Prompt`` has it."""

    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """All that decides a reply.

    Attributes:
        loaded: the base that is asked.
        adapter: folder of the adapter on it; ``None`` for the base as it is.
        chat: in which it is asked.
        prompt: in tokens.
        choice: how the reply is chosen.
        room: of the reply, in tokens.
    """

    loaded: Loaded
    adapter: str | None
    chat: Chat
    prompt: list[int]
    choice: Choice
    room: int

    @property
    def model(self) -> Any:
        """Return the model below PEFT, which has the adapters in its layers."""
        model = self.loaded.model
        return model.get_base_model() if self.loaded.adapters else model


def ask(
    loaded: Loaded,
    adapter: str | None,
    encoder: Encoder,
    question: Question,
    choice: Mapping[str, Any],
) -> Asked:
    """Make tokens of a question.

    Raises:
        MlccError: the chat template refuses it, it fills the context, it has a token that the model
            lacks, or the choice means nothing.
    """
    chosen = Choice(**choice)
    chosen.check()
    try:
        (ids,) = encoder.prompts([prompts.Asked(question.messages, question.tools)])
    except PlatformError:
        raise
    except MlccError as error:
        raise MlccError(error.what, where="the conversation", detail=error.detail) from None
    left = LONGEST if encoder.context is None else encoder.context - len(ids)
    room = min(chosen.max_new_tokens or left, left)
    return Asked(loaded, adapter, encoder.chat, ids, chosen, room)
