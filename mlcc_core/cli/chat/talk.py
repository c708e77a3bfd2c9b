"""The course of a conversation: messages are asked, commands done, errors told; it goes on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mlcc_core.cli.chat.messages import COMMAND
from mlcc_core.cli.chat.screen import Screen
from mlcc_core.cli.console import Console, error_lines
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.text import plural

if TYPE_CHECKING:
    from mlcc_core.actions.chat.chat import Chat
    from mlcc_core.actions.chat.listening import Spoken
    from mlcc_core.contract.platform.answering import Subject


class Leave(Exception):
    """The user ends the conversation."""


class Talk:
    """A conversation on a terminal or in a pipe.

    Attributes:
        chat: the models, and what was said.
        by_hand: a person types: Ctrl-C stops a reply, and not the command.
        answers: what was answered, for the document.
        failed: messages and commands that came to nothing.
    """

    def __init__(self, console: Console, chat: Chat, *, by_hand: bool) -> None:
        self.console = console
        self.chat = chat
        self.by_hand = by_hand
        self.answers: list[dict[str, object]] = []
        self.failed = 0
        self._screen = Screen(console)

    def run(self, messages: Iterable[str]) -> None:
        """Take messages until there are no more, or the user leaves.

        Raises:
            PlatformError: the models cannot be asked any more.
        """
        from mlcc_core.cli.chat.commands import run_command

        for text in messages:
            command = COMMAND.match(text)
            try:
                if command is None:
                    self.ask(text)
                else:
                    run_command(self, command["name"].lower(), (command["rest"] or "").strip())
            except Leave:
                return
            except PlatformError:
                raise
            except MlccError as error:
                self.failed += 1
                for line in error_lines(error):
                    self.console.note(line)

    def ask(self, question: str) -> None:
        """Ask the models whose turn it is; the answer of the current one goes on.

        Raises:
            MlccError: one of them cannot answer this.
            PlatformError: it cannot be asked any more, or the conversation cannot be kept.
        """
        said = self._screen.ask(self.chat, question)
        _, spoken = said[-1]
        self.chat.take(question, spoken)
        self.answers.append(_as_json(question, said))
        if any(each.stopped for _, each in said) and not self.by_hand:
            raise KeyboardInterrupt

    def retry(self) -> None:
        """Ask the last question again; its answer goes when another one has come.

        Raises:
            MlccError: nothing was asked, or it cannot be answered.
        """
        turns = self.chat.conversation.turns
        if not turns:
            raise MlccError("Nothing has been asked yet.")
        last, before = turns.pop(), len(turns)
        try:
            self.ask(last.question)
        finally:
            if len(turns) == before:
                turns.append(last)

    def tell(self, line: str) -> None:
        """Show a line of news beside the conversation."""
        self.console.note(line)

    def farewell(self) -> None:
        """Say where the conversation is kept, if something was said."""
        if self.chat.kept is not None:
            count = plural(len(self.chat.conversation.turns), "answer")
            self.tell(f"ℹ️  The conversation ({count}) is kept in {self.chat.kept}")

    def document(self) -> None:
        """Print the document of the whole conversation."""
        self.console.document(
            {
                "model": self.chat.title,
                "messages": self.chat.conversation.messages(),
                "answers": self.answers,
                "kept": None if self.chat.kept is None else str(self.chat.kept),
            }
        )


def _as_json(question: str, said: list[tuple[Subject, Spoken]]) -> dict[str, object]:
    return {
        "prompt": question,
        "replies": [
            {
                "model": subject.title,
                "answer": spoken.text,
                "thoughts": spoken.thoughts,
                "seconds": round(spoken.seconds, 3),
                "tokens": spoken.tokens,
                "ended": spoken.ended,
                "stopped": spoken.stopped,
            }
            for subject, spoken in said
        ],
    }
