"""One call of ``chat``, as typed."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from mlcc_core.helpers.hints import hint_kind

MOST_TOKENS = 1024
"""Tokens of a reply, unless asked otherwise."""


@dataclass(frozen=True)
class ChatRequest:
    """One call of ``chat``.

    Attributes:
        target: the model to talk to: ``base``, a run, a technique for its latest run, or what is
            deployed; ``None`` for the newest finished run.
        system: the system message of the conversation.
        temperature: 0 takes the most likely reply, the same one each time.
        max_new_tokens: of a reply.
        both: the base model answers, too.
        platform: where models are asked; ``None`` for the project's.
    """

    target: str | None = None
    system: str | None = None
    temperature: float = 0.0
    max_new_tokens: int = MOST_TOKENS
    both: bool = False
    platform: str | None = None


@hint_kind("a conversation with a model")
def chat_with(target: str, platform: str | None = None) -> str:
    """Return the command that talks to a model."""
    on = () if platform is None else ("--platform", platform)
    return f"mlcc chat {shlex.join((target, *on))}"
