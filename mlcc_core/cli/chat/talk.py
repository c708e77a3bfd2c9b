"""The course of a conversation: messages are asked, commands done, errors told; it goes on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from mlcc_core.cli.chat.messages import COMMAND
from mlcc_core.cli.chat.screen import Screen
from mlcc_core.cli.console import Console, error_lines, hint_lines
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.text import plural

if TYPE_CHECKING:
    from mlcc_core.actions.chat.chat import Chat
    from mlcc_core.actions.chat.listening import Spoken
    from mlcc_core.contract.platform.answering import Subject


HOW_TO_LEAVE = "/quit or Ctrl-D ends the conversation."

LEAVING = ("quit", "exit", "bye", "q")
"""Names that a conversation is left by, in other programs too."""


OF_A_SHELL = re.compile(r"(\w+=\S* )?(mlcc|\./do/)")
"""The beginning of a command that cannot be typed in a conversation."""


class Leave(Exception):
    """The user ends the conversation."""


class Talk:
    """A conversation on a terminal or in a pipe.

    Attributes:
        chat: the models, and what was said.
        by_hand: a person types: Ctrl-C stops a reply, and not the command.
        answers: what was answered, for the document.
        errors: of messages and commands that came to nothing.
    """

    def __init__(self, console: Console, chat: Chat, *, by_hand: bool) -> None:
        self.console = console
        self.chat = chat
        self.by_hand = by_hand
        self.answers: list[dict[str, object]] = []
        self.errors: list[MlccError] = []
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
                    if text.strip().casefold() in LEAVING:
                        self.tell(f"ℹ️  {HOW_TO_LEAVE}")
                else:
                    run_command(self, command["name"].lower(), (command["rest"] or "").strip())
            except Leave:
                return
            except MlccError as error:
                if command is None or command["name"].lower() == "retry":
                    self._stay_after(error)
                self.tell_error(error)
            except KeyboardInterrupt as error:
                # A signal that ends the process is a kind of interrupt, too.
                if not self.by_hand or type(error) is not KeyboardInterrupt:
                    raise
                self.tell(HOW_TO_LEAVE)

    def ask(self, question: str) -> None:
        """Ask the models whose turn it is; the answer of the current one goes on.

        Raises:
            MlccError: one of them cannot answer this.
            PlatformError: it cannot be asked any more.
        """
        said = self._screen.ask(self.chat, question)
        _, spoken = said[-1]
        try:
            self.chat.take(question, spoken)
        except PlatformError as error:  # a disk that is full ends no conversation
            self.tell_error(error)
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
                with suppress(PlatformError):  # it is told when an answer is taken
                    self.chat.keep()

    def _stay_after(self, error: MlccError) -> None:
        """Raise the error of a question unless the conversation can go on after it."""
        passes = self.by_hand and getattr(error, "transient", False)
        if isinstance(error, PlatformError) and not passes:
            raise error

    def tell_error(self, error: MlccError) -> None:
        """Show an error after which the conversation goes on."""
        self.errors.append(error)
        what, hint = error_lines(error), hint_lines(error.hint) if error.hint else []
        for line in what[: len(what) - len(hint)]:
            self.tell(line)
        shell = "In a shell: " if OF_A_SHELL.match(error.hint or "") else ""
        for line in hint:  # whole: it is to be copied
            self.console.note(f"   {shell}{line}")

    def tell(self, line: str) -> None:
        """Show a line of news beside the conversation."""
        self.console.note(line)

    def farewell(self) -> None:
        """Say where the conversation is kept, if something was said."""
        if self.chat.kept is not None:
            count = plural(len(self.chat.conversation.answered), "answer")
            self.tell(f"ℹ️  The conversation ({count}) is kept in {self.chat.kept}")

    def document(self, failure: MlccError | None = None) -> None:
        """Print the document of the whole conversation.

        Args:
            failure: the error that ended it.
        """
        ended = {} if failure is None else {"error": failure.as_json()}
        self.console.document(
            {
                **ended,
                "model": self.chat.title,
                "messages": self.chat.conversation.messages(),
                "answers": self.answers,
                "errors": [error.as_json() for error in self.errors],
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
