"""Texts that are told as they come, but for an end that may still become something else."""

from __future__ import annotations

from collections.abc import Sequence


def begun_at(text: str, marks: Sequence[str]) -> int:
    """Return where a mark may have begun at the end of a text; its length where none has."""
    longest = max(map(len, marks), default=0)
    for start in range(max(0, len(text) - longest + 1), len(text)):
        if any(mark.startswith(text[start:]) for mark in marks):
            return start
    return len(text)


class Without:
    """Takes marks out of a text.

    Args:
        marks: texts that are left out.
    """

    def __init__(self, marks: Sequence[str]) -> None:
        self._marks = [mark for mark in marks if mark]
        self._held = ""

    def feed(self, text: str) -> str:
        """Return the text that is sure now."""
        self._held += text
        for mark in self._marks:
            self._held = self._held.replace(mark, "")
        sure = begun_at(self._held, self._marks)
        told, self._held = self._held[:sure], self._held[sure:]
        return told


class Trimmed:
    """Takes blanks off both ends of a text.

    Args:
        start: characters that are taken off its start; all blanks by default. Those off its end
            are all blanks, which are told when something follows.
    """

    def __init__(self, start: str | None = None) -> None:
        self._start = start
        self._begun = False
        self._held = ""

    def feed(self, text: str) -> str:
        """Return the text that is sure now."""
        self._held += text
        if not self._begun:
            self._held = self._held.lstrip(self._start)
        told = self._held.rstrip()
        self._begun = self._begun or bool(told)
        self._held = self._held[len(told) :]
        return told


class Until:
    """Tells a text until one of some others comes in it, which are not told.

    Args:
        ends: these texts.
    """

    def __init__(self, ends: Sequence[str]) -> None:
        self._ends = ends
        self._held = ""
        self.ended = False

    def feed(self, text: str) -> str:
        """Return the text that is sure now; nothing after the end."""
        if self.ended or not self._ends:
            return "" if self.ended else text
        self._held += text
        found = [place for end in self._ends if (place := self._held.find(end)) >= 0]
        self.ended = bool(found)
        sure = min(found) if found else begun_at(self._held, self._ends)
        told, self._held = self._held[:sure], self._held[sure:]
        return told

    def finish(self) -> str:
        """Return what was held, at the end of the text."""
        told, self._held = ("" if self.ended else self._held), ""
        return told
