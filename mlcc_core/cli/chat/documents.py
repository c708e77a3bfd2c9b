"""The documents of ``mlcc test`` and ``mlcc chat``."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from mlcc_core.cli.document import Document, ErrorBody


class Asked(TypedDict):
    """A prompt with the answers to it."""

    prompt: str
    target: str | None
    answer: str
    base: str | None
    differs: bool | None
    seconds: float
    base_seconds: float | None


class Unanswered(TypedDict):
    """A prompt that got no answer."""

    prompt: str
    error: ErrorBody


class AskDocument(Document, Asked):
    """``mlcc test`` with one prompt."""


class AskEachDocument(Document):
    """``mlcc test`` with several prompts; with an ``error`` that ended the command."""

    answers: list[Asked | Unanswered]
    error: NotRequired[ErrorBody]


class ChatReply(TypedDict):
    """A model's reply to a message."""

    model: str
    answer: str
    thoughts: str
    seconds: float
    tokens: int | None
    ended: bool | None
    stopped: bool


class ChatAnswers(TypedDict):
    """A message with the replies to it: the base's first where both answered."""

    prompt: str
    replies: list[ChatReply]


class ChatDocument(Document):
    """``mlcc chat``: all that was said, and the conversation that it came to."""

    model: str
    messages: list[dict[str, str]]
    answers: list[ChatAnswers]
    errors: list[ErrorBody]
    kept: str | None
    error: NotRequired[ErrorBody]
