"""The fields of a message beside role and content: empty ones, those that carry meaning, the rest.

A field without a value says nothing, in whatever way a program writes that. A field that carries
what a model sees or learns is an error where it cannot be kept. All others (ids, times, hashes) may
go, and are named in a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlcc_core.helpers.text import with_article
from mlcc_core.staging.model.row_issues import kind_of

KEYS = frozenset({"role", "content", "from", "value"})
"""Keys of role and content, in both spellings."""

REASONING = (
    *("reasoning_content", "reasoning", "thinking", "thought", "thoughts"),
    *("thinking_content", "reasoning_text"),
)
"""Names of an assistant's reasoning before its answer; the first is the one that is written."""

WEIGHTS = ("weight", "loss", "train", "training", "trainable")
"""Names of a message's weight, 0 or 1; the first is the one that is written."""

CALLS = ("tool_calls", "function_call")
"""Names of the assistant's calls of tools; the second is OpenAI's older form of one call."""

KEPT = frozenset({*REASONING, *WEIGHTS, *CALLS, "tool_call_id", "name"})
"""Fields that a whole conversation keeps."""

LOST = frozenset(
    {
        *("image", "images", "image_url", "image_urls", "audio", "audios", "input_audio"),
        *("video", "videos", "file", "files", "attachment", "attachments", "media"),
        *("refusal", "tools", "functions", "tool_plan", "context", "documents", "parts"),
        *("reasoning_details", "thinking_blocks", "mask", "loss_weight"),
    }
)
"""Fields that carry meaning and have no place in a conversation of text."""

MEANING = KEYS | KEPT | LOST

_NO_JSON = ("[]", "{}", "null")
TEXT_PARTS = ("text", "input_text", "output_text")
"""Types of content parts that are text."""


def is_empty(value: object) -> bool:
    """Return whether a field says nothing: no value, blanks, or an object of nothing but nulls."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, dict):
        return all(field is None for field in value.values())
    return value is None or value == []


def is_empty_list(value: object) -> bool:
    """Return whether a field that holds a list or an object, or JSON text of one, says nothing."""
    return is_empty(value) or (isinstance(value, str) and value.strip() in _NO_JSON)


def says_nothing(name: str, value: object) -> bool:
    """Return whether a field beside role and content says nothing that flattening would lose."""
    if name in CALLS:
        return is_empty_list(value)
    if name in WEIGHTS:
        return value is None or value == 1
    return is_empty(value)


def lost_field(message: Mapping[str, Any], keys: tuple[str, ...], known: frozenset[str]) -> Any:
    """Return the first field that carries meaning and would be lost, if any.

    Args:
        message: the message.
        keys: of its role and content.
        known: fields that are kept.
    """
    for name, value in message.items():
        folded = name.casefold()
        if name in keys or name in known or folded not in MEANING:
            continue
        if not says_nothing(folded, value):
            return name
    return None


def text_of(content: object) -> str | None:
    """Return a content of text as a string: parts of text are joined line by line.

    ``None`` for any other content; :func:`content_problem` says what it is.
    """
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or content_problem(content) is not None:
        return None
    return "\n".join(part["text"] for part in content)


def content_problem(content: object, kinds: Sequence[str] = TEXT_PARTS) -> str | None:
    """Return what a content is that is not text, in words; ``None`` for text.

    Args:
        content: of a message.
        kinds: of its parts that are text.
    """
    if isinstance(content, str):
        return None
    if not isinstance(content, list) or not content:
        return f"a content that is {'an empty array' if content == [] else _kind(content)}"
    for part in content:
        if not isinstance(part, dict):
            return f"a content part that is {_kind(part)}"
        kind = part.get("type", "text")
        if kind is not None and kind not in kinds:
            return f"a content part of type {kind!r}"
        if not isinstance(part.get("text"), str):
            return f"a content part with the keys {names_of(part)}"
        extra = lost_field(part, ("type", "text"), frozenset())
        if extra is not None:
            return f"a content part with {extra!r} beside its text"
    return None


def fields_that_go(messages: object) -> Iterator[str]:
    """Yield the names of fields with a value that are written nowhere, each as often as it comes.

    Args:
        messages: a message or a list of them, all of which can be read.
    """
    for message in messages if isinstance(messages, list) else [messages]:
        if not isinstance(message, dict):
            continue
        for name, value in message.items():
            if name.casefold() not in MEANING and not is_empty(value):
                yield name
        for content in (message.get("content"), message.get("value")):
            yield from _beside_text(content)


def _beside_text(content: object) -> Iterator[str]:
    for part in content if isinstance(content, list) else []:
        if isinstance(part, dict):
            for name, value in part.items():
                if name not in ("type", "text") and not is_empty(value):
                    yield f"content.{name}"


def names_of(fields: Mapping[str, object]) -> str:
    """Return the first keys of an object, in words."""
    shown = ", ".join(repr(key) for key in list(fields)[:6])
    return shown + (", …" if len(fields) > 6 else "") if fields else "(none)"


def _kind(value: object) -> str:
    return with_article(kind_of(value))
