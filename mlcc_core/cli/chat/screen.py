"""The replies of a conversation as they are shown: thoughts apart, time and length after each."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from mlcc_core.cli.chat.columns import WIDE, Columns
from mlcc_core.cli.chat.wrapping import Wrapping
from mlcc_core.cli.console import Console
from mlcc_core.helpers.text import plural

if TYPE_CHECKING:
    from mlcc_core.actions.chat.chat import Chat
    from mlcc_core.actions.chat.listening import Spoken
    from mlcc_core.contract.platform.answering import Subject
    from mlcc_core.contract.platform.chatting import Piece


class Screen:
    """Shows replies piece by piece.

    Attributes:
        terminal: results go to one; else answers alone are results, and thoughts are not shown.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.terminal = sys.stdout.isatty() and not console.json

    def ask(self, chat: Chat, question: str) -> list[tuple[Subject, Spoken]]:
        """Ask the models whose turn it is, and show what they say.

        Raises:
            MlccError: one of them cannot answer this.
            PlatformError: it cannot be asked any more.
        """
        subjects = chat.subjects()
        width = shutil.get_terminal_size().columns
        if len(subjects) > 1 and self.terminal and width >= WIDE:
            return self._beside(chat, question, subjects, width)
        return [
            (subject, self._below(chat, question, subject, titled=len(subjects) > 1))
            for subject in subjects
        ]

    def _below(self, chat: Chat, question: str, subject: Subject, *, titled: bool) -> Spoken:
        if titled:
            self.console.result(f"{subject.title}:")
        thinking = False
        lines = Wrapping(shutil.get_terminal_size().columns) if self.terminal else None

        def hear(_: int, piece: Piece) -> None:
            nonlocal thinking
            if lines is None:
                if not piece.thought:
                    self.console.piece(piece.text)
                return
            if thinking and not piece.thought:
                self.console.piece(lines.end(), dim=True)
                self.console.piece(lines.add("\n\n"))
            thinking = piece.thought
            self.console.piece(lines.add(piece.text), dim=thinking)

        spoken = chat.ask(question, subject, hear)
        self.console.piece((lines.end() if lines else "") + "\n")
        self.console.aside(f"   {described(spoken)}")
        return spoken

    def _beside(
        self, chat: Chat, question: str, subjects: tuple[Subject, ...], width: int
    ) -> list[tuple[Subject, Spoken]]:
        first, second = subjects
        columns = Columns(width, (f"{first.title}:", f"{second.title}:"))

        def hear(place: int, piece: Piece) -> None:
            if not piece.thought:
                self.console.drawing(columns.add(place, piece.text))

        both = chat.ask_both(question, hear)
        self.console.drawing(columns.end())
        for subject, spoken in zip(subjects, both, strict=True):
            self.console.aside(f"   {subject.title}: {described(spoken)}")
        return list(zip(subjects, both, strict=True))


def described(spoken: Spoken) -> str:
    """Return how long a reply took and is, and where it was cut."""
    parts = [f"{spoken.seconds:.1f} s"]
    if spoken.tokens is not None:
        parts.append(plural(spoken.tokens, "token"))
    if spoken.stopped:
        parts.append("stopped")
    elif spoken.ended is False:
        parts.append("cut at the limit of mlcc chat --max-new-tokens N")
    if not spoken.text:
        parts.append(spoken.in_words.strip("() …") or "an empty answer")
    return " · ".join(parts)
