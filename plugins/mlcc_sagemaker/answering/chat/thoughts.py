"""Thoughts of a model, told from its answer while both come."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core import Piece
from mlcc_sagemaker.answering.answers import CLOSING, OPENING


class Thoughts:
    """Splits a reply that comes bit by bit as ``without_thoughts`` does with the whole.

    A chat template may open the thought itself; then the reply closes one that it never opened.
    This shows at its end only, so a reply without an opening is held back until it is decided,
    unless it is known that this model's replies do not begin so.

    Args:
        plain: replies that open no thought have none.
    """

    def __init__(self, plain: bool) -> None:
        self._plain = plain
        self._step = self._begin
        self._held = ""
        self._looked = 0
        self._answered = False

    @property
    def undecided(self) -> bool:
        """Return whether the reply is held back until a mark or its end decides."""
        return self._step == self._decide

    def feed(self, text: str) -> Iterator[Piece]:
        """Yield what is certain with this text."""
        self._held += text
        step = None
        while step != self._step:  # a step that hands over to the next one
            step = self._step
            yield from step()

    def finish(self) -> Iterator[Piece]:
        """Yield what was held back; no more text comes."""
        if self._step == self._think:
            yield from _piece(self._held, thought=True)
        else:
            yield from self._answer()
        self._held = ""

    def _begin(self) -> Iterator[Piece]:
        """Look for an opening before anything else."""
        text = self._held.lstrip()
        if text.startswith(OPENING):
            self._held = text[len(OPENING) :]
            self._step = self._think
        elif not OPENING.startswith(text):
            self._step = self._answer if self._plain else self._decide
        yield from ()

    def _decide(self) -> Iterator[Piece]:
        """Wait for the first mark: a closing ends a thought, an opening is quoted in an answer."""
        start = max(0, self._looked - len(CLOSING))
        self._looked = len(self._held)
        closing, opening = (self._held.find(mark, start) for mark in (CLOSING, OPENING))
        if closing >= 0 and not 0 <= opening < closing:
            yield from _piece(self._held[:closing], thought=True)
            self._held = self._held[closing + len(CLOSING) :]
            self._step = self._answer
        elif opening >= 0:
            self._step = self._answer

    def _think(self) -> Iterator[Piece]:
        thought, closed, rest = self._held.partition(CLOSING)
        if closed:
            yield from _piece(thought, thought=True)
            self._held = rest
            self._step = self._answer
            return
        kept = next(n for n in range(len(CLOSING), -1, -1) if thought.endswith(CLOSING[:n]))
        yield from _piece(thought[: len(thought) - kept], thought=True)
        self._held = thought[len(thought) - kept :]

    def _answer(self) -> Iterator[Piece]:
        """Yield all but newlines at the beginning, and at what may be the end."""
        text = self._held if self._answered else self._held.lstrip("\n")
        shown = text.rstrip("\n")
        self._held = text[len(shown) :]
        self._answered = self._answered or bool(shown)
        yield from _piece(shown)


def _piece(text: str, thought: bool = False) -> Iterator[Piece]:
    if text:
        yield Piece(text, thought)
