"""A reply while it is made: the pieces of its content joined are the content of the whole reply.

:func:`mlcc_tokens.reply.take_apart` says which part of a reply is its content. Here the same is
said early, where it is sure; whatever is not is told at the end, by that very function.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlcc_tokens.reply import (
    BETWEEN,
    CONTENT,
    OPENING_TOKENS,
    THOUGHTS,
    Reply,
    parser_of,
    regions,
    take_apart,
)
from mlcc_tokens.streaming.decoding import Decoder
from mlcc_tokens.streaming.held import Trimmed, Without, begun_at
from mlcc_tokens.templates.chat import Chat
from mlcc_tokens.templates.trial import OPEN_THOUGHT


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a reply: of its content, or of its thoughts."""

    text: str
    thought: bool = False


class ReplyStream:
    """Takes a reply apart token by token.

    Args:
        chat: of the model.
        prompt: ids of what the model was asked, with what opens its reply.
    """

    def __init__(self, chat: Chat, prompt: Sequence[int]) -> None:
        self._chat = chat
        self._prompt = list(prompt)
        self._ids: list[int] = []
        self._decoder = Decoder(chat.tokenizer)
        special = [*chat.tokenizer.all_special_tokens]
        self._source = _source(chat, self._prompt)
        self._content_steps = (Without(special), Trimmed("\n"))
        self._thought_steps = (Without([*special, *_tags(chat)]), Trimmed())
        self._told = ""
        self._thought = False

    def feed(self, token: int) -> Iterator[Part]:
        """Yield the parts that are sure with one more token."""
        self._ids.append(token)
        if token in self._chat.ends:
            return
        text = self._decoder.feed(token)
        for part in self._source.feed(text) if text else ():
            told = part.text
            for step in self._thought_steps if part.thought else self._content_steps:
                told = step.feed(told)
            if told:
                yield self._tell(Part(told, part.thought))

    def finish(self) -> Iterator[Part]:
        """Yield the last parts."""
        reply = self.whole()
        if reply.thoughts and not self._thought:
            yield Part(reply.thoughts, thought=True)
        if len(reply.content) > len(self._told):
            yield self._tell(Part(reply.content[len(self._told) :]))

    def whole(self) -> Reply:
        """Return the reply so far, taken apart as a whole."""
        return take_apart(self._chat, self._ids, self._prompt)

    def _tell(self, part: Part) -> Part:
        if part.thought:
            self._thought = True
        else:
            self._told += part.text
        return part


class _Tagged:
    """Tells thoughts and content of a text whose thoughts stand in a tag at its start.

    Args:
        tag: name of the tag.
        begun: text before the reply that opened it already.
    """

    def __init__(self, tag: str, begun: str = "") -> None:
        self._open, self._close = f"<{tag}>", f"</{tag}>"
        self._held = begun
        self._state = "start"

    def feed(self, text: str) -> Iterator[Part]:
        self._held += text
        if self._state == "start":
            start = self._held.lstrip()
            if self._open.startswith(start) and start != self._open:
                return
            self._state = "thought" if start.startswith(self._open) else "content"
        if self._state == "thought":
            thought, close, rest = self._held.partition(self._close)
            if close:
                self._state, self._held = "content", rest
            else:
                sure = begun_at(thought, (self._close,))
                thought, self._held = thought[:sure], thought[sure:]
            if thought:
                yield Part(thought, thought=True)
        if self._state == "content" and self._held:
            told, self._held = self._held, ""
            yield Part(told)


class _ByText:
    """Takes a reply apart by the tags that the chat template writes."""

    def __init__(self, chat: Chat, asked: str) -> None:
        begun = f"<{chat.tag}>" if OPEN_THOUGHT.search(asked) else ""
        self._lead = chat.lead
        self._after_lead = not chat.lead
        self._held = ""
        self._first, self._again = _Tagged(chat.tag, begun), _Tagged(chat.tag)

    def feed(self, text: str) -> Iterator[Part]:
        for part in self._first.feed(text):
            if part.thought:
                self._after_lead = True  # it is for replies without thoughts in tags
                yield part
            else:
                yield from self._again.feed(self._led(part.text))

    def _led(self, text: str) -> str:
        """Return text without the lead, which may come late; nothing until it has."""
        if self._after_lead:
            return text
        self._held += text
        lead = self._lead
        if lead.strip():
            return ""  # the last one counts, and thoughts stand before it
        if lead.startswith(self._held):
            return ""
        self._after_lead = True
        return self._held.removeprefix(lead)


class _BySchema:
    """Takes a reply apart by the response template of the model's family."""

    def __init__(self, chat: Chat, parser: Any) -> None:
        self._parser = parser
        self._tagged = _Tagged(chat.tag)
        self._region = Trimmed()
        self._between, self._some = "", False
        self._breaks = ""

    def feed(self, text: str) -> Iterator[Part]:
        text = self._breaks + text
        whole = text.rstrip("\n")  # a pattern may end with $, which fits before a last line break
        self._breaks = text[len(whole) :]
        for field, told, new in regions(self._parser.feed(whole)):
            if field in THOUGHTS:
                yield Part(told, thought=True)
            elif field == CONTENT:
                if new:
                    self._region = Trimmed()
                    self._between = BETWEEN if self._some else ""
                yield from self._add(self._region.feed(told))

    def _add(self, content: str) -> Iterator[Part]:
        if content:
            self._some, between, self._between = True, self._between, ""
            yield from self._tagged.feed(between + content)


def _source(chat: Chat, prompt: list[int]) -> _ByText | _BySchema:
    tokenizer = chat.tokenizer
    parser = parser_of(tokenizer, tokenizer.decode(prompt, skip_special_tokens=False))
    if parser is not None:
        return _BySchema(chat, parser)
    asked = tokenizer.decode(prompt[-OPENING_TOKENS:], skip_special_tokens=False)
    return _ByText(chat, asked)


def _tags(chat: Chat) -> tuple[str, str]:
    return f"<{chat.tag}>", f"</{chat.tag}>"
