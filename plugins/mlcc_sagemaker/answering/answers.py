"""Requests to a container that serves a language model, and its answers.

Containers take conversations in the form of OpenAI's chat completions, and answer in the same form
or, as older ones do, with ``generated_text``:

    {"choices": [{"message": {"content": "4"}, "finish_reason": "stop"}],
     "usage": {"completion_tokens": 2}}

    [{"generated_text": "4", "details": {"finish_reason": "eos_token", "generated_tokens": 2}}]
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlcc_core import Answer

CUT = "length"
"""The reason for the end of a reply that reached the limit."""

BROKEN = frozenset({"error", "abort"})
"""Reasons of a reply that broke off, for which the model is not to blame."""

UNTOLD = frozenset({"", "none", "null", "content_filter"})
"""Reasons that do not say that the model ended its reply."""

OPENING, CLOSING = "<think>", "</think>"


def chat_request(
    messages: Sequence[Mapping[str, object]],
    longest: int | None,
    tools: Sequence[object] = (),
    more: Mapping[str, object] | None = None,
) -> bytes:
    """Return the body of a request, by default for the likeliest reply.

    Args:
        messages: the conversation.
        longest: of the reply, in tokens; ``None`` for as many as the container allows.
        tools: that the reply may call.
        more: further members.
    """
    document = {
        "messages": [dict(message) for message in messages],
        **({} if longest is None else {"max_tokens": longest}),
        "temperature": 0,
        **({"tools": list(tools)} if tools else {}),
        **(more or {}),
    }
    return json.dumps(document, ensure_ascii=False).encode()


def read_answer(data: bytes) -> Answer:
    """Return the reply in an answer, with its thoughts.

    Raises:
        ValueError: it broke off, or came so.
        KeyError, IndexError, TypeError: there is none.
    """
    document: Any = json.loads(data)
    if isinstance(document, list):
        document = document[0]
    if not isinstance(document, Mapping):
        raise TypeError(type(document).__name__)
    if "choices" not in document:
        details = mapping_of(document.get("details"))
        ended = ended_by(details.get("finish_reason"))
        return Answer(str(document["generated_text"]), count_of(details, "generated_tokens"), ended)
    choice = document["choices"][0]
    text = text_of(choice["message"]["content"]) if "message" in choice else str(choice["text"])
    usage = mapping_of(document.get("usage"))
    return Answer(text, count_of(usage, "completion_tokens"), ended_by(choice.get("finish_reason")))


def without_thoughts(text: str) -> str:
    """Return a reply's text without thoughts that the container left in it.

    A thought that was not closed when the reply was cut leaves nothing; one that the chat template
    opened has no opening of its own before it closes.
    """
    before, opened, after = text.partition(OPENING)
    if opened and not before.strip():
        text = after.partition(CLOSING)[2]
    elif CLOSING in before:
        text = text.partition(CLOSING)[2]
    return text.strip("\n")


def text_of(content: object) -> str:
    """Return the text of a message: one piece, several parts, or none beside calls of tools."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content)
    return "" if content is None else str(content)


def ended_by(reason: object) -> bool | None:
    """Return whether the model ended a reply by itself; ``None`` where the reason does not tell.

    Raises:
        ValueError: the reply broke off.
    """
    word = str(reason or "").lower()
    if word in BROKEN:
        raise ValueError(f"broke off: {reason}")
    return None if word in UNTOLD else word != CUT


def count_of(numbers: Mapping[str, Any], name: str) -> int | None:
    """Return a number of tokens; ``None`` where there is none."""
    value = numbers.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def mapping_of(value: object) -> Mapping[str, Any]:
    """Return the value, or nothing; older containers list one of several replies."""
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, Mapping) else {}
