"""All that decides a reply, checked before anything is generated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcc_core import MlccError, PlatformError
from mlcc_engine.answers import prompts
from mlcc_engine.answers.models import Loaded, Weights
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
        weights: of the adapter on it, or of the base as it is.
        chat: in which it is asked.
        prompt: in tokens.
        choice: how the reply is chosen.
        room: of the reply, in tokens.
    """

    loaded: Loaded
    weights: Weights
    chat: Chat
    prompt: list[int]
    choice: Choice
    room: int

    @property
    def model(self) -> Any:
        """Return the model below PEFT, which has the adapters in its layers.

        PEFT's own way to generate puts something in the model for as long as a reply takes, which
        only adapters with an invocation need.
        """
        model = self.loaded.model
        below = model.get_base_model() if self.loaded.adapters else model
        return model if self._invoked else below

    @property
    def undivided(self) -> bool:
        """Return whether the model itself keeps something of a reply until it has ended.

        No other reply may be computed meanwhile.
        """
        model = self.model
        kept = model.generation_config.cache_implementation not in (None, "dynamic", "hybrid")
        experts: Mapping[str, str] = getattr(model, "get_experts_implementation", dict)()
        switched = model.device.type != "cpu" and "grouped_mm" in experts.values()
        return self._invoked or kept or switched

    @property
    def _invoked(self) -> bool:
        """Return whether the adapter begins to work at certain tokens alone (aLoRA)."""
        if self.weights.adapter is None:
            return False
        config = self.loaded.model.peft_config[self.loaded.name_of(self.weights)]
        return bool(getattr(config, "alora_invocation_tokens", None))


def ask(
    loaded: Loaded,
    weights: Weights,
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
        raise type(error)(error.what, where="the conversation", detail=error.detail) from None
    left = LONGEST if encoder.context is None else encoder.context - len(ids)
    room = min(chosen.max_new_tokens or left, left)
    return Asked(loaded, weights, encoder.chat, ids, chosen, room)
