"""Whole conversations through a chat template, and where each trained reply stands in the text.

A reply begins where the conversation before it, rendered to be answered, ends: where the model is
when it is asked. It ends where the conversation up to it ends, or where the template itself marks
the end (``{% generation %}``). Both hold for a row only if what is rendered of its beginning is
the beginning of the whole: that is compared for every reply of every row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mlcc_core.helpers import reason_of
from mlcc_tokens.rendered import SHOWN_CHARACTERS, Rendered, Span, excerpt
from mlcc_tokens.turns.dialogue import Dialogue, TrainOn, Turn
from mlcc_tokens.turns.left_out import fault_of, thought_in, unsaid

LAST = "pass --train-on last, which trains the last reply alone"


class Renderer(Protocol):
    """A chat template."""

    def texts(
        self,
        conversations: Sequence[Sequence[Turn]],
        tools: Sequence[Mapping[str, Any]],
        *,
        opens_reply: bool,
    ) -> list[str]:
        """Render conversations that are told of the same tools."""

    def marked(
        self, messages: Sequence[Turn], tools: Sequence[Mapping[str, Any]]
    ) -> tuple[str, list[Span]]:
        """Render a conversation; return it with what the template marks as the assistant's."""


@dataclass(frozen=True, slots=True)
class Turns:
    """The form in which a chat template takes whole conversations.

    Attributes:
        train_on: which replies are trained.
        marks: the template marks the ends of replies itself.
        arguments_as_text: it takes the arguments of a tool call as JSON text.
        silence: the content of a reply that only calls tools.
        thoughtless: thinking is off.
        fault: why no row can be trained on whole; ``None`` if they can.
    """

    train_on: TrainOn = "all"
    marks: bool = False
    arguments_as_text: bool = False
    silence: str | None = ""
    thoughtless: bool = False
    fault: str | None = None


class Misplaced(Exception):
    """A reply whose place in the whole text cannot be told."""


def render_dialogue(renderer: Renderer, turns: Turns, dialogue: Dialogue) -> Rendered:
    """Render a conversation, find its trained replies, and hold the text against its messages.

    Args:
        renderer: the chat template.
        turns: the form in which it takes conversations.
        dialogue: the conversation.
    """
    if turns.fault is not None:
        return Rendered(fault=turns.fault, turns=True)
    thought = thought_in(dialogue) if turns.thoughtless else None
    if thought is not None:
        what = f"a reply holds the thought {excerpt(thought)}, and thinking is off"
        return Rendered(fault=f"{what} (pass --thinking on)", turns=True)
    messages = [as_taken(turn, turns) for turn in dialogue.messages]
    try:
        (whole,) = renderer.texts([messages], dialogue.tools, opens_reply=False)
        if dialogue.tools and [whole] == renderer.texts([messages], (), opens_reply=False):
            return Rendered(fault="it drops the tools", turns=True)
        placing = Placing(renderer, messages, dialogue.tools, whole)
        spans = placing.spans(dialogue.trained, marks=turns.marks)
    except MemoryError:
        raise  # the row is not to blame
    except Misplaced as error:
        return Rendered(fault=str(error), turns=True)
    except Exception as error:  # templates raise what they like
        return Rendered(fault=reason_of(error), turns=True)
    return Rendered(
        prompt=whole[: spans[0][0]] if spans else whole,
        prompt_with_each_reply=(whole,),
        fault=fault_of(dialogue, whole, spans),
        trained=spans,
        turns=True,
        unsaid=tuple(unsaid(dialogue, whole)),
    )


def as_taken(turn: Turn, turns: Turns) -> Turn:
    """Return a message in the form in which the template takes it."""
    calls = turn.get("tool_calls")
    if not calls:
        return turn
    content = turn["content"] or turns.silence
    if not turns.arguments_as_text:
        return {**turn, "content": content}
    return {**turn, "content": content, "tool_calls": [_with_text(call) for call in calls]}


def _with_text(call: Any) -> Any:
    called = call.get("function") if isinstance(call, Mapping) else None
    if not isinstance(called, Mapping) or isinstance(called.get("arguments"), str):
        return call
    text = json.dumps(called.get("arguments"), ensure_ascii=False)
    return {**call, "function": {**called, "arguments": text}}


@dataclass(frozen=True, slots=True)
class Placing:
    """Finds replies in the text of a conversation.

    Attributes:
        renderer: the chat template.
        messages: in the form that it takes.
        tools: that the model is told of.
        whole: the text.
    """

    renderer: Renderer
    messages: list[Turn]
    tools: Sequence[Mapping[str, Any]]
    whole: str

    def spans(self, trained: Sequence[int], *, marks: bool) -> tuple[Span, ...]:
        """Find the replies that are trained.

        Args:
            trained: their places among the messages.
            marks: the template marks their ends.

        Raises:
            Misplaced: the beginning of the conversation is rendered differently by itself.
        """
        if not trained:
            return ()
        if marks:
            found = self._marked()
            spans = tuple(found[place] for place in trained)
        else:
            starts = self._lengths(trained, opens_reply=True)
            ends = self._lengths([place + 1 for place in trained], opens_reply=False)
            spans = tuple(zip(starts, ends, strict=True))
        following = (*(start for start, _ in spans[1:]), len(self.whole))
        for place, (start, end), after in zip(trained, spans, following, strict=True):
            if not start < end <= after:
                raise Misplaced(f"it renders nothing of message {place + 1}, or not in its place")
        return spans

    def _marked(self) -> dict[int, Span]:
        """Return every reply's place: it ends with the last mark before the next one."""
        replies = [place for place, turn in enumerate(self.messages) if turn["role"] == "assistant"]
        starts = self._lengths(replies, opens_reply=True)
        text, marked = self.renderer.marked(self.messages, self.tools)
        if text != self.whole:
            raise Misplaced(f"it renders the conversation differently with its marks ({LAST})")
        rooms = zip(starts, (*starts[1:], len(self.whole)), strict=True)
        ends = [
            max((end for _, end in marked if start < end <= after), default=start)
            for start, after in rooms
        ]
        return dict(zip(replies, zip(starts, ends, strict=True), strict=True))

    def _lengths(self, counts: Sequence[int], *, opens_reply: bool) -> list[int]:
        """Return the characters of so many first messages each, which begin the whole text.

        Raises:
            Misplaced: they do not.
        """
        beginnings = [self.messages[:count] for count in counts]
        found = self.renderer.texts(beginnings, self.tools, opens_reply=opens_reply)
        for count, beginning in zip(counts, found, strict=True):
            if not self.whole.startswith(beginning):
                raise Misplaced(
                    f"it renders the first {count} messages differently once more follow "
                    f"({excerpt(beginning[-SHOWN_CHARACTERS:])} is not in its place), so that no "
                    f"reply there can be told apart ({LAST})"
                )
        return list(map(len, found))
