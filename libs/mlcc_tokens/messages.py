"""Chat messages, in the shapes that datasets have them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypedDict

from mlcc_core import MlccError
from mlcc_core.helpers import join_turns


class Message(TypedDict):
    """One message: ``{"role": "user", "content": "2 + 2?"}``."""

    role: str
    content: str


def as_messages(value: object, role: str, where: str) -> list[Message]:
    """Make a list of messages from a text, a message or a list of messages.

    Args:
        value: what a column holds.
        role: of a plain text.
        where: for the error.

    Raises:
        MlccError: it is something else, an empty list, or a message that is not text.
    """
    if isinstance(value, str):
        return [Message(role=role, content=value)]
    found = [value] if isinstance(value, dict) else value
    if not isinstance(found, list) or not found:
        raise MlccError(f"{shown(value)} is neither text nor a list of messages.", where=where)
    return [_message(message, where) for message in found]


def split_messages(messages: object, system: object, where: str) -> dict[str, list[Message]]:
    """Split a conversation into the prompt and the reply to learn; Bedrock's Converse form too.

    Args:
        messages: the conversation; its last message is the reply to learn.
        system: further system text, ``[{"text": …}]`` or a string, if any.
        where: for the error.

    Returns:
        ``prompt`` (everything before the last message) and ``completion`` (the last message).

    Raises:
        MlccError: there is no reply at the end, or nothing before it.
    """
    given = as_messages(messages, "user", where)
    if len(given) < 2 or given[-1]["role"] != "assistant":
        raise MlccError(
            "The conversation must end with a reply of the assistant, and something before it.",
            where=where,
        )
    system_messages = [Message(role="system", content=text_of(system, where))] if system else []
    return {"prompt": system_messages + given[:-1], "completion": given[-1:]}


def transcript(messages: Sequence[Message]) -> str:
    """Write a conversation as text: the content of its only message, else ``role: content`` lines.

    Example:
        ``user: 2 + 2?``, newline, ``assistant: 4``
    """
    if len(messages) == 1:
        return messages[0]["content"]
    return join_turns((message["role"], message["content"]) for message in messages)


def _message(value: Any, where: str) -> Message:
    if not isinstance(value, dict) or not isinstance(value.get("role"), str):
        raise MlccError(f"{shown(value)} is not a message: expected role and content.", where=where)
    return Message(role=value["role"], content=text_of(value.get("content"), where))


def text_of(content: object, where: str) -> str:
    """The text of a message: a string, or the joined parts ``{"text": …}`` of a list."""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and content:
        parts = [part.get("text") if isinstance(part, dict) else part for part in content]
        if all(isinstance(part, str) for part in parts):
            return "\n".join(str(part) for part in parts)
    raise MlccError(f"{shown(content)} is not text; only text can be trained on.", where=where)


def shown(value: object) -> str:
    """Write a value for a message, at most 80 characters of it."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"
