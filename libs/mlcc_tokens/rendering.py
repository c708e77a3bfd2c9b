"""Rows as the model reads them, and the rows in which something would be lost on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mlcc_core.helpers import reason_of
from mlcc_tokens.conversation import PROMPT, Conversation
from mlcc_tokens.messages import Message
from mlcc_tokens.rendered import SHOWN_CHARACTERS, Rendered, excerpt
from mlcc_tokens.templates.mending import taken_apart
from mlcc_tokens.turns.choice import Conversing
from mlcc_tokens.turns.dialogue import Dialogue
from mlcc_tokens.turns.left_out import THOUGHT
from mlcc_tokens.turns.placing import render_dialogue


def render_rows(
    tokenizer: Any,
    rows: Sequence[Conversation | Dialogue],
    conversing: Conversing | None = None,
) -> list[Rendered]:
    """Render rows of either form, and hold each against its own text.

    Args:
        tokenizer: as for :func:`render`.
        rows: prompts with replies, or whole conversations.
        conversing: renders whole conversations; ``None`` where no row is one.
    """
    pairs = iter(render(tokenizer, [row for row in rows if not isinstance(row, Dialogue)]))
    return [
        render_dialogue(conversing.renderer, conversing.turns, row)
        if isinstance(row, Dialogue) and conversing is not None
        else next(pairs)
        for row in rows
    ]


def render(tokenizer: Any, conversations: Sequence[Conversation]) -> list[Rendered]:
    """Render rows, and hold each against its own text.

    Args:
        tokenizer: of transformers, prepared by :func:`mlcc_tokens.templates.chat.prepare`.
        conversations: of the rows.
    """
    try:
        return _render(tokenizer, conversations)
    except MemoryError:
        raise  # the row is not to blame
    except Exception as error:  # templates raise what they like
        if len(conversations) == 1:
            return [Rendered(fault=reason_of(error))]
    return [render(tokenizer, [conversation])[0] for conversation in conversations]


def prompt_with_each_reply(conversation: Conversation) -> Iterator[list[Message]]:
    """Yield the messages of the prompt with those of each reply: two of a row of preferences."""
    for column, reply in conversation.items():
        if column != PROMPT:
            yield conversation.get(PROMPT, []) + reply


def _render(tokenizer: Any, conversations: Sequence[Conversation]) -> list[Rendered]:
    thoughtless = taken_apart(str(tokenizer.chat_template))[1] == "off"
    prompts = [conversation[PROMPT] for conversation in conversations if conversation.get(PROMPT)]
    prompts_rendered = iter(_texts(tokenizer, prompts, opens_reply=True))
    with_replies = iter(
        _texts(
            tokenizer,
            [
                messages
                for conversation in conversations
                for messages in prompt_with_each_reply(conversation)
            ],
            opens_reply=False,
        )
    )
    rows = []
    for conversation in conversations:
        prompt = next(prompts_rendered) if conversation.get(PROMPT) else ""
        texts = tuple(next(with_replies) for _ in prompt_with_each_reply(conversation))
        fault = _fault(conversation, prompt, texts, thoughtless=thoughtless)
        rows.append(Rendered(prompt, texts, fault))
    return rows


def _texts(
    tokenizer: Any, message_lists: Sequence[list[Message]], *, opens_reply: bool
) -> list[str]:
    if not message_lists:
        return []
    texts: list[str] = tokenizer.apply_chat_template(
        message_lists, tokenize=False, add_generation_prompt=opens_reply
    )
    return texts


def _fault(
    conversation: Conversation, prompt: str, texts: Sequence[str], *, thoughtless: bool
) -> str | None:
    """Return what would be lost of the row."""
    for message in conversation.get(PROMPT, ()):
        if message["role"] != "assistant" and message["content"].strip() not in prompt:
            return f"it drops the {message['role']} message {excerpt(message['content'])}"
    replies = (messages for column, messages in conversation.items() if column != PROMPT)
    for messages, text in zip(replies, texts, strict=True):
        for message in messages:
            if thoughtless and THOUGHT.search(message["content"]):
                return (
                    f"the reply {excerpt(message['content'])} holds a thought, and thinking is "
                    "off (pass --thinking on)"
                )
        if prompt and not text.startswith(prompt):
            return (
                "it renders the prompt differently once a reply follows "
                f"({excerpt(prompt[-SHOWN_CHARACTERS:])} before {excerpt(messages[0]['content'])})"
            )
        for message in messages:
            for part in THOUGHT.split(message["content"]):
                if part.strip() not in text[len(prompt) :]:
                    return f"it drops text of the reply: {excerpt(part.strip())}"
    return None
