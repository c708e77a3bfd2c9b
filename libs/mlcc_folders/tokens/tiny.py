"""The tokens of ``mlcc-tiny``, which are bytes: counted and shown without its tokenizer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlcc_core import RowText, RowTokens, TokenCounter
from mlcc_engine.model import tiny
from mlcc_tokens.conversation import PROMPT, Conversation, talk_of_line
from mlcc_tokens.rendered import Rendered, Span
from mlcc_tokens.rendering import prompt_with_each_reply
from mlcc_tokens.shown import shown
from mlcc_tokens.turns.dialogue import Dialogue, TrainOn, Turn
from mlcc_tokens.turns.placing import Turns, render_dialogue


class TinyCounter(TokenCounter):
    """Counts the tokens of ``mlcc-tiny``.

    Args:
        row_limit: where jobs cut rows by themselves.
        prompt_only: replies are sampled, not learned from the rows.
        train_on: the replies of whole conversations that are trained.
    """

    name = tiny.NAME

    def __init__(
        self, row_limit: int | None, *, prompt_only: bool, train_on: TrainOn = "all"
    ) -> None:
        self.row_limit = row_limit
        self._prompt_only = prompt_only
        self._turns = Turns(train_on)

    def count(self, lines: bytes) -> Sequence[RowTokens]:
        return [
            RowTokens(0, 0, row)
            if isinstance(row, str)
            else _count_dialogue(self._rendered(row))
            if isinstance(row, Dialogue)
            else _count(row)
            for row in self._rows(lines)
        ]

    def show(self, lines: bytes) -> Sequence[RowText]:
        return [
            RowText({}, row) if isinstance(row, str) else shown(row, self._rendered(row))
            for row in self._rows(lines)
        ]

    def _rows(self, lines: bytes) -> Iterator[Conversation | Dialogue | str]:
        for line in lines.splitlines():
            yield talk_of_line(line, prompt_only=self._prompt_only, train_on=self._turns.train_on)

    def _rendered(self, row: Conversation | Dialogue) -> Rendered:
        if isinstance(row, Dialogue):
            return render_dialogue(TinyRenderer(), self._turns, row)
        prompt = row.get(PROMPT)
        asked = tiny.text_of(prompt, (), reply_follows=True) if prompt else ""
        texts = [
            tiny.text_of(messages, (), reply_follows=False)
            for messages in prompt_with_each_reply(row)
        ]
        return Rendered(asked, tuple(texts))


class TinyRenderer:
    """The chat template of ``mlcc-tiny``, without the library that renders it."""

    def texts(
        self,
        conversations: Sequence[Sequence[Turn]],
        tools: Sequence[Mapping[str, Any]],
        *,
        opens_reply: bool,
    ) -> list[str]:
        """Render conversations that are told of the same tools.

        Args:
            conversations: messages.
            tools: that the model is told of.
            opens_reply: with what opens a reply.
        """
        return [
            tiny.text_of(messages, tools, reply_follows=opens_reply) for messages in conversations
        ]

    def marked(
        self, messages: Sequence[Turn], tools: Sequence[Mapping[str, Any]]
    ) -> tuple[str, list[Span]]:
        """Render a conversation; the template marks nothing."""
        return tiny.text_of(messages, tools, reply_follows=False), []


def _count_dialogue(row: Rendered) -> RowTokens:
    if row.fault is not None:
        return RowTokens(0, 0, row.fault)
    (whole,) = row.prompt_with_each_reply
    trained = sum(tiny.length(whole[start:end]) for start, end in row.trained)
    return RowTokens(tiny.length(row.prompt), tiny.length(whole), None, trained)


def _count(conversation: Conversation) -> RowTokens:
    prompt = conversation.get(PROMPT)
    asked = tiny.count(prompt, reply_follows=True) if prompt else 0
    whole = list(map(tiny.count, prompt_with_each_reply(conversation)))
    longest = max(whole, default=0)
    trained = whole[0] - asked if len(whole) == 1 else None
    return RowTokens(asked, longest, None, trained, sum(whole) - longest)
