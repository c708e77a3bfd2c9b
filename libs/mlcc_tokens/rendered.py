"""A row as the model reads it, with the parts that are trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

Span = tuple[int, int]
"""The characters from one place up to another."""

SHOWN_CHARACTERS = 60
"""Characters of a text in a message."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A row through the chat template.

    Attributes:
        prompt: with what opens the first reply; empty for a row without a prompt.
        prompt_with_each_reply: as the model is trained on them.
        fault: why the row cannot be trained on as it is.
        trained: of each text with a reply, the characters that are trained; empty for replies
            to one prompt, of which everything after the prompt is.
        turns: the row is a whole conversation.
        unsaid: names of fields whose text is nowhere in what is rendered, one a message.
    """

    prompt: str = ""
    prompt_with_each_reply: tuple[str, ...] = ()
    fault: str | None = None
    trained: tuple[Span, ...] = ()
    turns: bool = False
    unsaid: tuple[str, ...] = field(default=())

    def spans(self, text: str) -> tuple[Span, ...]:
        """Return what is trained of a text with a reply."""
        return self.trained if self.turns else ((len(self.prompt), len(text)),)


def parts(text: str, spans: tuple[Span, ...]) -> Iterator[tuple[str, bool]]:
    """Yield a text piece by piece: up to a trained span, that, and so on; no piece is empty.

    Args:
        text: of a row.
        spans: that are trained, in order.
    """
    done = 0
    for start, end in spans:
        for piece, trained in ((text[done:start], False), (text[start:end], True)):
            if piece:
                yield piece, trained
        done = end
    if text[done:]:
        yield text[done:], False


def excerpt(text: str) -> str:
    """The beginning of a text, in quotes, for a message."""
    return repr(text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…")
