"""Chatting: conversations with models that stay ready, whose replies are read as they come."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.contract.platform.answering import Prompt, Subject


@dataclass(frozen=True, slots=True)
class Sampling:
    """The way in which a reply is chosen; by default the most likely one.

    Attributes:
        temperature: 0 takes the most likely token each time, the same reply every time.
        top_p: only the most likely tokens that together have this probability are drawn.
        max_new_tokens: of the reply; ``None`` for as many as the model's context leaves.
        seed: of the drawing; the same seed draws the same reply. ``None`` for another one each
            time.
        stop: texts that end the reply where they would begin; they are not part of it.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    max_new_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()


GREEDY = Sampling()
"""The most likely reply."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The next part of a reply.

    Attributes:
        text: without the template's marks.
        thought: it is of the model's reasoning, which is not part of the answer.
    """

    text: str
    thought: bool = False


@dataclass(frozen=True, slots=True)
class ReplyEnd:
    """The end of a reply.

    Attributes:
        ended: the model (or a text of ``stop``) ended it; ``False`` where a limit cut it, ``None``
            where the platform does not tell.
        tokens: of the reply, thoughts included; ``None`` where the platform does not tell.
        prompt_tokens: of the prompt; ``None`` where the platform does not tell.
    """

    ended: bool | None = None
    tokens: int | None = None
    prompt_tokens: int | None = None


class PromptTooLong(MlccError):
    """A prompt has more tokens than the model's context."""


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """Models that are to be served, and where.

    Attributes:
        base: the names under which the base model is asked; all of them are in ``subjects``.
        subjects: the models, by the names under which they are asked.
        host, port: to listen on.
        key: that requests must have; ``None`` for none.
    """

    base: tuple[str, ...]
    subjects: Mapping[str, Subject]
    host: str
    port: int
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ServerCommand:
    """A program that serves models under OpenAI's interface, better than ``mlcc`` itself would.

    Attributes:
        title: for people: ``vLLM``.
        command: its words; it ends by SIGTERM, and answers ``GET /health`` once it is ready.
        environment: what it gets beside the environment of ``mlcc``: the key, for instance.
        left_out: by name, why a model cannot be served by it.
    """

    title: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


class ChatSession(ABC):
    """Models that stay ready. Several threads may ask at the same time."""

    @abstractmethod
    def prepare(self, subject: Subject) -> None:
        """Make a model ready now, which else is when it is first asked.

        Raises:
            MlccError, PlatformError: it cannot be; others can be asked as before.
        """

    @abstractmethod
    def reply(
        self,
        subject: Subject,
        prompt: Prompt,
        sampling: Sampling = GREEDY,
        *,
        prompted_as: Subject | None = None,
    ) -> Iterator[Piece | ReplyEnd]:
        """Yield a reply piece by piece, and its end last.

        The reply depends on nothing that was asked before or is asked meanwhile. Closing the
        iterator stops the reply.

        Args:
            subject: that is asked.
            prompt: the conversation so far; its last message is the user's.
            sampling: how the reply is chosen.
            prompted_as: the conversation is put to ``subject`` as it would be to this model, in
                its chat template: so that an adapter's base is asked the same.

        Raises:
            PromptTooLong: the prompt does not fit into the model's context.
            MlccError: the model cannot answer this prompt.
            PlatformError: it cannot be asked any more.
        """
