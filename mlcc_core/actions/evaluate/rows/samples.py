"""A row as an evaluation sees it: prompt, expected reply, and a worse one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from mlcc_core.contract.platform.answering import Passage, Prompt
from mlcc_core.contract.technique.schema import DatasetSchema

USER, ASSISTANT, SYSTEM = "user", "assistant", "system"

Message = Mapping[str, object]


@dataclass(frozen=True)
class Row:
    """A row in its parts.

    Attributes:
        prompt: messages.
        tools: that the reply may call.
        expected, rejected: the replies that the dataset holds.
        columns: the row as the technique reads it.
        beside: columns that metrics alone read.
        twin: another row has the same columns, and other ones beside.
    """

    prompt: tuple[Message, ...]
    tools: tuple[object, ...] = ()
    expected: str | None = None
    rejected: str | None = None
    columns: Mapping[str, object] = field(default_factory=dict)
    beside: Mapping[str, object] = field(default_factory=dict)
    twin: bool = False

    @cached_property
    def key(self) -> str:
        """Return the hash of the row, which is the same whichever metrics are measured."""
        return content_hash([self.columns, self.beside] if self.twin else self.columns)

    def seen(self, names: Collection[str]) -> Mapping[str, object]:
        """Return the row with those columns beside it that are named."""
        return {**self.columns, **{k: v for k, v in self.beside.items() if k in names}}

    @cached_property
    def opening(self) -> str:
        """Return the hash of the prompt up to its first reply, in whatever form it came.

        By it, rows are held out of a training together: a row with the opening of a trained one
        counts as trained on, with whichever reply.
        """
        told = [message.get("role") == ASSISTANT for message in self.prompt]
        before = self.prompt[: told.index(True)] if True in told else self.prompt
        words = [{k: v for k, v in each.items() if v is not None} for each in before]
        return content_hash(words or [self.prompt, self.expected])

    def prompt_with(self, system: str | None) -> Prompt:
        """Return the prompt, with another system message, none (``""``) or its own (``None``)."""
        if system is None:
            return Prompt(self.prompt, self.tools)
        own = bool(self.prompt) and self.prompt[0].get("role") == SYSTEM
        rest = self.prompt[1:] if own else self.prompt
        first = ({"role": SYSTEM, "content": system},) if system else ()
        return Prompt((*first, *rest), self.tools)

    def passage(self, reply: str, system: str | None) -> Passage:
        """Return the prompt with a reply that the dataset holds."""
        return Passage(self.prompt_with(system), reply)


def content_hash(value: object) -> str:
    """Return a short hash of what JSON can say."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def row_of(columns: Mapping[str, object], schema: DatasetSchema) -> Row:
    """Return a converted row in its parts, as the columns of its schema declare them."""
    parts = {column.part: columns.get(column.name) for column in schema.columns if column.part}
    if parts:
        return Row(
            prompt=_messages(parts.get("prompt")),
            tools=_tools(columns, schema),
            expected=_reply(parts.get("expected")),
            rejected=_reply(parts.get("rejected")),
            columns=columns,
        )
    messages = _messages(columns.get(_talk(schema)))
    learned = bool(messages) and messages[-1].get("role") == ASSISTANT
    return Row(
        prompt=messages[:-1] if learned else messages,
        tools=_tools(columns, schema),
        expected=_reply(messages[-1:]) if learned else None,
        columns=columns,
    )


def has_prompt(schema: DatasetSchema) -> bool:
    """Return whether rows can have a prompt: in a column that is marked so, else in messages."""
    parts = [column.part for column in schema.columns if column.part]
    return "prompt" in parts if parts else bool(_talk(schema))


def _talk(schema: DatasetSchema) -> str:
    """Return the name of the column that holds messages; empty where none does."""
    return next((c.name for c in schema.columns if {"conversation", "messages"} & {*c.types}), "")


def _messages(value: object) -> tuple[Message, ...]:
    if isinstance(value, str):
        return ({"role": USER, "content": value},)
    found = value if isinstance(value, (list, tuple)) else ()
    return tuple(_plain(message) for message in found if isinstance(message, Mapping))


def _plain(message: Message) -> Message:
    """Return a message whose content is text, where it is nothing but text in pieces."""
    text = _text(message.get("content"))
    return message if text is None else {**message, "content": text}


def _reply(value: object) -> str | None:
    """Return a reply as text: of a message, or of the last one of several."""
    if isinstance(value, (list, tuple)):
        value = value[-1] if value else None
    if isinstance(value, Mapping):
        value = value.get("content")
    return _text(value)


def _text(content: object) -> str | None:
    if isinstance(content, str):
        return content
    if not isinstance(content, (list, tuple)) or not content:
        return None
    pieces = [piece.get("text") if isinstance(piece, Mapping) else piece for piece in content]
    return "".join(map(str, pieces)) if all(isinstance(piece, str) for piece in pieces) else None


def _tools(columns: Mapping[str, object], schema: DatasetSchema) -> tuple[object, ...]:
    name = next((column.name for column in schema.columns if "tools" in column.types), None)
    found = columns.get(name) if name else None
    return tuple(found) if isinstance(found, Sequence) and not isinstance(found, str) else ()
