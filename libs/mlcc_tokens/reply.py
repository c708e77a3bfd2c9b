"""A model's reply, taken apart: the content that people read, and its thoughts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mlcc_tokens.templates.chat import Chat
from mlcc_tokens.templates.trial import OPEN_THOUGHT

OPENING_TOKENS = 16
"""Tokens at the end of a prompt, in which a thought may have been opened."""

CONTENT = "content"
THOUGHTS = ("reasoning_content", "thinking")
"""Fields of response templates."""

FORM = ("content", "content_args", "transform", "transform_each")
"""Keys of a field that say how its text is read."""

BETWEEN = "\n"
"""Stands between contents that something else parted."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply.

    Attributes:
        content: for people, reward functions and judges.
        thoughts: of the model before it, kept apart; empty without any.
        ended: by a token of its own; otherwise it was cut at the limit.
        tokens: how many were made, the one that ended it included.
    """

    content: str
    thoughts: str = ""
    ended: bool = True
    tokens: int = 0


def give_schema(tokenizer: Any) -> None:
    """Give a tokenizer the response schema of its model's family, where TRL knows the family.

    It is told by the chat template, so that this comes before the template is mended.
    """
    if getattr(tokenizer, "response_template", None) or getattr(tokenizer, "response_schema", None):
        return
    from trl.chat_template_utils import add_response_schema

    with suppress(ValueError):  # of a family that it does not know
        add_response_schema(tokenizer)


def take_apart(chat: Chat, ids: Sequence[int], prompt: Sequence[int]) -> Reply:
    """Take apart what was generated.

    Args:
        chat: of the model.
        ids: that were generated, padding and whatever follows an end included.
        prompt: ids of what the model was asked, with what opens its reply.
    """
    end = next((place for place, token in enumerate(ids) if token in chat.ends), None)
    made = list(ids if end is None else ids[:end])
    whole = made if end is None else [*made, ids[end]]
    content, thoughts = _by_schema(chat.tokenizer, whole, list(prompt)) or _by_text(
        chat, made, list(prompt)
    )
    if content.lstrip().startswith(f"<{chat.tag}>"):  # tags that a schema of other ones leaves
        more, _, content = content.partition(f"</{chat.tag}>")
        thoughts += more.replace(f"<{chat.tag}>", "")
    return Reply(
        _clean(chat.tokenizer, content).strip("\n"),
        _clean(chat.tokenizer, thoughts).strip(),
        ended=end is not None,
        tokens=len(whole),
    )


def regions(events: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, bool]]:
    """Yield each text that a response parser of transformers told, with its field.

    Fields may come several times (text, a call of a tool, more text): an empty text and ``True``
    begin one.
    """
    for event in events:
        if event["type"] == "region_open":
            yield event["field"], "", True
        elif event["type"] == "region_chunk":
            yield event["field"], event["text"], False


def parser_of(tokenizer: Any, asked: str) -> Any:
    """Return a parser of replies by the model's response template; ``None`` where it has none.

    Args:
        tokenizer: of the model.
        asked: text of the prompt, with what opens the reply.
    """
    template = getattr(tokenizer, "response_template", None)
    if not template:
        return None
    with suppress(Exception):  # an older transformers, or a template that it does not take
        from transformers.utils.chat_parsing import ResponseParser

        return ResponseParser({**template, "fields": _as_text(template["fields"])}, prefix=asked)
    return None


def _as_text(fields: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return fields that are read as text: a call of a tool that is broken JSON is one."""
    plain = {"transform": "{content}"}  # which one whose mark has named groups must have
    return {
        name: plain | {key: value for key, value in field.items() if key not in FORM}
        for name, field in fields.items()
    }


def _by_schema(tokenizer: Any, ids: list[int], prompt: list[int]) -> tuple[str, str] | None:
    """Content and thoughts by the model's response schema; ``None`` where it finds none."""
    parser = parser_of(tokenizer, tokenizer.decode(prompt, skip_special_tokens=False))
    if parser is None:
        return None
    contents: list[str] = []
    thoughts: list[str] = []
    events = parser.feed(tokenizer.decode(ids, skip_special_tokens=False))
    events += parser.finalize()[1]
    for field, text, new in regions(events):
        texts = {CONTENT: contents, **dict.fromkeys(THOUGHTS, thoughts)}.get(field, [])
        if new or not texts:
            texts.append("")
        texts[-1] += text
    content = _joined(contents)
    return (content, _joined(thoughts)) if content else None


def _joined(texts: Iterable[str]) -> str:
    return BETWEEN.join(filter(None, map(str.strip, texts)))


def _by_text(chat: Chat, ids: list[int], prompt: list[int]) -> tuple[str, str]:
    """Content and thoughts by the tags that the chat template writes."""
    text = chat.tokenizer.decode(ids, skip_special_tokens=False)
    asked = chat.tokenizer.decode(prompt[-OPENING_TOKENS:], skip_special_tokens=False)
    begun = f"<{chat.tag}>" if OPEN_THOUGHT.search(asked) else ""
    if (begun + text.lstrip()).startswith(f"<{chat.tag}>"):
        thoughts, _, content = (begun + text).partition(f"</{chat.tag}>")
        return content, thoughts.replace(f"<{chat.tag}>", "")
    lead = chat.lead
    if lead.strip() and lead.strip() in text:
        thoughts, _, content = text.rpartition(lead.strip())
        return content, thoughts
    return text.removeprefix(lead), ""


def _clean(tokenizer: Any, text: str) -> str:
    """Text without the model's special tokens."""
    for token in tokenizer.all_special_tokens:
        text = text.replace(token, "")
    return text
