"""Rows as the model reads them, and the rows in which something would be lost on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlcc_tokens.conversation import PROMPT, Conversation
from mlcc_tokens.messages import Message
from mlcc_tokens.templates.mending import taken_apart

THOUGHT = re.compile(r"</?(?:\w+:)?(?:think|thinking|thought|reason|reasoning)>")

SHOWN = 60
"""Characters of a text in a message."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A row through the chat template.

    Attributes:
        prompt: with what opens a reply; empty for a row without a prompt.
        wholes: the prompt with each reply.
        fault: why the row cannot be trained on as it is.
    """

    prompt: str = ""
    prompt_with_each_reply: tuple[str, ...] = ()
    fault: str | None = None


def render(tokenizer: Any, talks: Sequence[Conversation]) -> list[Rendered]:
    """Render rows, and hold each against its own text.

    Args:
        tokenizer: of transformers, prepared by :func:`mlcc_tokens.templates.chat.prepare`.
        talks: rows by column.
    """
    try:
        return _render(tokenizer, talks)
    except MemoryError:
        raise  # the row is not to blame
    except Exception as error:  # templates raise what they like
        if len(talks) == 1:
            return [Rendered(fault=str(error).partition("\n")[0] or type(error).__name__)]
    return [render(tokenizer, [talk])[0] for talk in talks]


def prompt_with_each_reply(talk: Conversation) -> Iterator[list[Message]]:
    """The prompt with each reply."""
    for column, reply in talk.items():
        if column != PROMPT:
            yield talk.get(PROMPT, []) + reply


def _render(tokenizer: Any, talks: Sequence[Conversation]) -> list[Rendered]:
    thoughtless = taken_apart(str(tokenizer.chat_template))[1] == "off"
    prompts = [talk[PROMPT] for talk in talks if talk.get(PROMPT)]
    asked = iter(_texts(tokenizer, prompts, opens_reply=True))
    told = iter(
        _texts(
            tokenizer,
            [w for talk in talks for w in prompt_with_each_reply(talk)],
            opens_reply=False,
        )
    )
    rows = []
    for talk in talks:
        prompt = next(asked) if talk.get(PROMPT) else ""
        texts = tuple(next(told) for _ in prompt_with_each_reply(talk))
        fault = _fault(talk, prompt, texts, thoughtless=thoughtless)
        rows.append(Rendered(prompt, texts, fault))
    return rows


def _texts(
    tokenizer: Any, conversations: Sequence[list[Message]], *, opens_reply: bool
) -> list[str]:
    if not conversations:
        return []
    texts: list[str] = tokenizer.apply_chat_template(
        conversations, tokenize=False, add_generation_prompt=opens_reply
    )
    return texts


def _fault(
    talk: Conversation, prompt: str, texts: Sequence[str], *, thoughtless: bool
) -> str | None:
    """Return what would be lost of the row."""
    for message in talk.get(PROMPT, ()):
        if message["role"] != "assistant" and message["content"].strip() not in prompt:
            return f"it drops the {message['role']} message {_shown(message['content'])}"
    replies = (messages for column, messages in talk.items() if column != PROMPT)
    for messages, whole in zip(replies, texts, strict=True):
        for message in messages:
            if thoughtless and THOUGHT.search(message["content"]):
                return (
                    f"the reply {_shown(message['content'])} holds a thought, and thinking is "
                    "off (pass --thinking on)"
                )
        if prompt and not whole.startswith(prompt):
            return (
                "it renders the prompt differently once a reply follows "
                f"({_shown(prompt[-SHOWN:])} before {_shown(messages[0]['content'])})"
            )
        for message in messages:
            for part in THOUGHT.split(message["content"]):
                if part.strip() not in whole[len(prompt) :]:
                    return f"it drops text of the reply: {_shown(part.strip())}"
    return None


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")
