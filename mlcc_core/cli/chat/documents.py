"""The documents of ``mlcc test`` and ``mlcc chat``."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from mlcc_core.cli.document import Document, ErrorBody


class Asked(TypedDict):
    """A prompt with the answers to it.

    Attributes:
        prompt: that was asked.
        target: the adapter or model that answered; null for the base model.
        answer: its reply.
        base: the base model's reply; null where it was not asked.
        differs: the two replies differ; null where the base model was not asked.
        seconds: until the reply was there.
        base_seconds: the same of the base model; null where it was not asked.
    """

    prompt: str
    target: str | None
    answer: str
    base: str | None
    differs: bool | None
    seconds: float
    base_seconds: float | None


class Unanswered(TypedDict):
    """A prompt that got no answer.

    Attributes:
        prompt: that was asked.
        error: why there is no answer.
    """

    prompt: str
    error: ErrorBody


class AskDocument(Document, Asked):
    """``mlcc test`` with one prompt."""


class AskEachDocument(Document):
    """``mlcc test`` with several prompts; with an ``error`` that ended the command.

    Attributes:
        answers: in the order of the prompts.
        error: that ended the command before all prompts were asked.
    """

    answers: list[Asked | Unanswered]
    error: NotRequired[ErrorBody]


class ChatReply(TypedDict):
    """A model's reply to a message.

    Attributes:
        model: that answered, as it is called.
        answer: its reply, without thoughts.
        thoughts: of a reasoning model; empty where it has none.
        seconds: until the reply ended.
        tokens: of the reply; null where the platform does not tell.
        ended: the reply ended by itself, not at the limit of length; null where that is not told.
        stopped: somebody stopped it.
    """

    model: str
    answer: str
    thoughts: str
    seconds: float
    tokens: int | None
    ended: bool | None
    stopped: bool


class ChatAnswers(TypedDict):
    """A message with the replies to it: the base's first where both answered.

    Attributes:
        prompt: the message.
        replies: of each model that was asked.
    """

    prompt: str
    replies: list[ChatReply]


class ChatDocument(Document):
    """``mlcc chat``: all that was said, and the conversation that it came to.

    Attributes:
        model: that was talked to, as it is called.
        messages: the conversation as a row of a dataset has it, each with ``role`` and ``content``.
        answers: a message each, in their order.
        errors: of messages that got no answer.
        kept: the file that keeps the conversation; null where nothing was asked.
        error: that ended the command.
    """

    model: str
    messages: list[dict[str, str]]
    answers: list[ChatAnswers]
    errors: list[ErrorBody]
    kept: str | None
    error: NotRequired[ErrorBody]
